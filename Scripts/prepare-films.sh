#!/bin/sh
# Installs ffmpeg, and OpenCV's libraries for optical flow with their headers, which the package trait Films
# needs.
set -eu
cd "$(dirname "$0")/.."
has_opencv() { pkg-config --exists opencv4 || [ -e /usr/include/opencv4/opencv2/video/tracking.hpp ]; }
if command -v ffmpeg >/dev/null && has_opencv; then
  exit 0
fi

. Scripts/as-root.sh
if command -v apt-get >/dev/null; then
  echo "Installing with apt-get: ffmpeg, libopencv-video-dev"
  as_root apt-get update -q
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends ffmpeg libopencv-video-dev
elif command -v brew >/dev/null; then
  echo "Installing with brew: ffmpeg, opencv"
  brew install ffmpeg opencv
else
  echo "ffmpeg or OpenCV is missing: install both, OpenCV with its headers" >&2
  exit 1
fi
