# A formula for Homebrew. It has not been tried on a Mac: see docs/Platforms.md.
class Impasto < Formula
  desc "Neural style transfer: repaints photos and films in the style of a painting"
  homepage "https://github.com/impasto-style/impasto"
  url "https://github.com/impasto-style/impasto/archive/refs/tags/0.1.0.tar.gz"
  license "Apache-2.0"
  head "https://github.com/impasto-style/impasto.git", branch: "main"

  depends_on "pkgconf" => :build
  depends_on xcode: ["16.3", :build]
  depends_on "ffmpeg"
  depends_on "hdf5"
  depends_on "jpeg-turbo"
  depends_on "libmatio"
  depends_on macos: :sequoia
  depends_on "opencv"
  depends_on "vips"

  def install
    system "make", "install", "TRAITS=Films,Studio", "PREFIX=#{prefix}"
  end

  test do
    cp "#{share}/impasto/models/sample-photo.jpg", "photo.jpg"
    system bin/"impasto", "stylize", "photo.jpg", "--style", "great-wave", "--size", "64", "-o", "out.png"
    assert_path_exists testpath/"out.png"
  end
end
