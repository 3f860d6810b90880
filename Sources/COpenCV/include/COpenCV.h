#ifndef COPENCV_H
#define COPENCV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// OpenCV's optical flow and filters for Swift. Without the package trait Films the library has none of
// them. Pictures are dense, row by row. All functions return false if memory runs out.

/// An estimator of dense optical flow: Kroeger et al. (2016), "Fast Optical Flow using Dense Inverse
/// Search".
typedef struct copencv_flow copencv_flow;

/// Returns NULL if memory runs out.
copencv_flow *copencv_flow_make(void);
void copencv_flow_free(copencv_flow *flow);

/// Estimates where each pixel of one picture is in another one.
/// @param from, to [height, width], gray
/// @param field [height, width, 2]: the movement to the right and down
bool copencv_flow_estimate(
    copencv_flow *flow, const uint8_t *from, const uint8_t *to, int width, int height, float *field);

/// Converts [height, width, 3] RGB to gray.
bool copencv_gray(const uint8_t *rgb, int width, int height, uint8_t *gray);

/// Reads a picture at each position plus its movement, with cubic interpolation for pictures, and linear
/// interpolation for fields. Outside, the edge continues.
/// @param image [height, width, channels], 1 to 4 channels
/// @param field [height, width, 2]
bool copencv_warp(
    const float *image, int channels, const float *field, int width, int height, bool cubic,
    float *warped);

/// Blurs by a Gauss function.
bool copencv_blur(const float *image, int channels, int width, int height, double sigma, float *blurred);

/// Takes the least of each 3x3 pixels.
bool copencv_erode(const float *image, int width, int height, float *eroded);

#ifdef __cplusplus
}
#endif

#endif
