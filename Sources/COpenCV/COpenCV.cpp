#include "COpenCV.h"

#ifdef IMPASTO_FILMS

#include <new>

#include <opencv2/imgproc.hpp>
#include <opencv2/video/tracking.hpp>

struct copencv_flow {
  cv::Ptr<cv::DISOpticalFlow> estimator;
};

// Exceptions must not reach Swift.
template <typename Body>
static bool succeeds(Body body) {
  try {
    body();
    return true;
  } catch (...) {
    return false;
  }
}

// OpenCV reads pictures through a type that can be written, too.
static cv::Mat view(const void *values, int type, int width, int height) {
  return cv::Mat(height, width, type, const_cast<void *>(values));
}

copencv_flow *copencv_flow_make(void) {
  try {
    return new copencv_flow{cv::DISOpticalFlow::create(cv::DISOpticalFlow::PRESET_FAST)};
  } catch (...) {
    return nullptr;
  }
}

void copencv_flow_free(copencv_flow *flow) { delete flow; }

bool copencv_flow_estimate(
    copencv_flow *flow, const uint8_t *from, const uint8_t *to, int width, int height,
    float *field) {
  return succeeds([&] {
    // The estimator would begin with the values of a field that has the right size.
    cv::Mat result;
    flow->estimator->calc(
        view(from, CV_8UC1, width, height), view(to, CV_8UC1, width, height), result);
    result.copyTo(view(field, CV_32FC2, width, height));
  });
}

bool copencv_gray(const uint8_t *rgb, int width, int height, uint8_t *gray) {
  return succeeds([&] {
    cv::Mat result = view(gray, CV_8UC1, width, height);
    cv::cvtColor(view(rgb, CV_8UC3, width, height), result, cv::COLOR_RGB2GRAY);
  });
}

bool copencv_warp(
    const float *image, int channels, const float *field, int width, int height, bool cubic,
    float *warped) {
  return succeeds([&] {
    cv::Mat positions(height, width, CV_32FC2);
    for (int y = 0; y < height; y++) {
      float *target = positions.ptr<float>(y);
      const float *movement = field + 2 * static_cast<size_t>(y) * width;
      for (int x = 0; x < width; x++) {
        target[2 * x] = x + movement[2 * x];
        target[2 * x + 1] = y + movement[2 * x + 1];
      }
    }
    cv::Mat result = view(warped, CV_32FC(channels), width, height);
    cv::remap(
        view(image, CV_32FC(channels), width, height), result, positions, cv::noArray(),
        cubic ? cv::INTER_CUBIC : cv::INTER_LINEAR, cv::BORDER_REPLICATE);
  });
}

bool copencv_blur(
    const float *image, int channels, int width, int height, double sigma, float *blurred) {
  return succeeds([&] {
    cv::Mat result = view(blurred, CV_32FC(channels), width, height);
    cv::GaussianBlur(
        view(image, CV_32FC(channels), width, height), result, cv::Size(0, 0), sigma, sigma,
        cv::BORDER_REPLICATE);
  });
}

bool copencv_erode(const float *image, int width, int height, float *eroded) {
  return succeeds([&] {
    cv::Mat result = view(eroded, CV_32FC1, width, height);
    cv::erode(
        view(image, CV_32FC1, width, height), result,
        cv::getStructuringElement(cv::MORPH_RECT, cv::Size(3, 3)), cv::Point(-1, -1), 1,
        cv::BORDER_REPLICATE);
  });
}

#endif
