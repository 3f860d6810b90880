#ifndef CKERNELS_H
#define CKERNELS_H

#include <stdbool.h>
#include <stdint.h>

// The innermost loops of the engine. Matrices are row-major, strides count floats, and pointers
// need no alignment. A bit map has one bit for each value of a map `[height, width, channels]`, in
// the same order, eight to a byte, least significant bit first. Strides of bit maps count bytes.

/// The number of rows in a block of a packed matrix; see `panel_columns`.
#define CK_DEPTH_BLOCK 256

// The points of Winograd's transforms are 0, infinity, and plus and minus these values, which are
// exact in binary. For tiles of 4, the usual points 1 and 2 have five times the error of points
// that are closer to each other around 1 (Barabasz et al. 2020, "Error analysis and improving the
// accuracy of Winograd convolution").
#define CK_WINOGRAD_4_A 0.75
#define CK_WINOGRAD_4_B 1.5
#define CK_WINOGRAD_6_A 0.5
#define CK_WINOGRAD_6_B 1.0
#define CK_WINOGRAD_6_C 2.0

/// The operations on outputs before they are stored, in the order of the fields. A null pointer
/// skips its operation. All buffers except for the bias and the addend have the layout of the output.
typedef struct {
  const float *bias;        // one value per channel, added
  bool relu;                // negative values become zero
  uint8_t *signs;           // receives one bit per value: whether it is positive
  const float *addend;      // added
  long addend_row_stride;
  const float *mask;        // the output is zero where the mask is not positive
  const uint8_t *mask_bits; // the output is zero where the bit is 0
} ck_epilogue;

/// The transforms of Winograd's F(m x m, 3x3) (Lavin and Gray 2015) for one m.
typedef struct {
  /// The height and width of a tile, m. A patch has (m + 2) x (m + 2) values and points.
  long tile_size;

  /// Input transform: computes the points of one patch, for all channels.
  void (*input)(long channels, const float *patch, long row_stride, float *points, long point_stride);

  /// Input transform of a patch that is given by the gradient of 2x2 pooling. A value is `scale`
  /// times the gradient of its window if its bit is set, and 0 otherwise. The patch begins in the
  /// last row and column of the window at `gradient`.
  void (*input_unpooled)(long channels, const float *gradient, long row_stride, const uint8_t *bits,
                         long bits_row_stride, float scale, float *points, long point_stride);

  /// The adjoint of the output transform: computes points from a tile of at most m x m, for all
  /// channels.
  void (*adjoint)(long channels, const float *tile, long row_stride, long rows, long columns, float *points,
                  long point_stride);

  /// Output transform: computes a tile of at most m x m from its points, for all channels.
  void (*output)(long channels, const float *points, long point_stride, float *tile, long row_stride, long rows,
                 long columns, ck_epilogue epilogue);

  /// Output transform with bias, ReLU and 2x2 mean or max pooling, to a tile of at most m/2 x m/2.
  /// An odd last row or column is dropped. The bits have the layout of the map before the pooling,
  /// and receive whether each value will get a gradient.
  void (*output_pooled)(long channels, const float *points, long point_stride, const float *bias, bool largest,
                        float *tile, long row_stride, uint8_t *bits, long bits_row_stride, long rows,
                        long columns);

  /// Weights' transform: computes the points of one panel's kernels for one row of the packed matrices.
  /// `lines` has the factors of the three weights of a line for each of m + 2 points. `taps` has
  /// [9][panel_columns] weights, for each of the two inputs if the row consists of pairs.
  void (*weights)(const double *lines, const float *taps, float *points, long point_stride);
} ck_winograd;

/// Computes c = a * b, or c += a * b; a is [rows x depth], b packed, c [rows x columns].
typedef void (*ck_product)(long rows, long columns, long depth, const float *a, long a_stride, const float *b,
                           float *c, long c_stride, bool accumulate);

/// The loops of convolutions whose products are computed in bfloat16, which is the upper half of a
/// float. A pair of them takes the place of a float, the first in the lower half: points are stored as
/// pairs of channels, and each row of a packed matrix as pairs of two rows. Strides and depths count pairs.
///
/// A sum adds, pair by pair, the product of the second numbers and then that of the first, and rounds
/// each sum to single precision, as AVX-512's VDPBF16PS does. All variants give the same sums in full
/// panels, except that some take subnormal numbers as zero.
typedef struct {
  ck_product multiply;

  /// The transforms, whose input transforms round the points to the nearest bfloat16, ties to even.
  ck_winograd winograd_4;
} ck_bfloat16;

/// The loops, compiled for one instruction set.
typedef struct {
  const char *name;

  /// The number of columns in a panel of a packed right-hand matrix. A packed matrix of
  /// [depth x columns] is stored as blocks of CK_DEPTH_BLOCK rows, each as
  /// [columns / panel_columns, rounded up][rows][panel_columns]. Columns past the end are zero.
  long panel_columns;

  /// The number of channels must be a multiple of this in `gram`, and of this and 8 in the
  /// transforms.
  long channel_multiple;

  ck_product multiply;

  /// Computes sum[i][j] += sum over p of f[p][i] * f[p][j] for every j >= i, and for some
  /// j < i as well; f is [positions x channels], sum [channels x channels].
  void (*gram)(long positions, long channels, const float *f, float *sum);

  /// Computes sum[i][j] += sum over p of a[p][i] * b[p][j]; a is [positions x rows], b
  /// [positions x columns] with rows `b_stride` apart, sum [rows x columns], of any size. Rows of b may
  /// overlap. The value of an element does not depend on the number of rows or columns.
  void (*cross)(long positions, long rows, long columns, const float *a, const float *b, long b_stride, float *sum);

  ck_winograd winograd_4;
  ck_winograd winograd_6;

  /// The loops in bfloat16; null if the variant has none.
  const ck_bfloat16 *bfloat16;

  /// Computes one position of a patch as `input_unpooled` does, before the transform.
  void (*unpool)(long channels, const float *gradient, const uint8_t *bits, float scale, float *to);

  /// Applies an epilogue without bit maps to [positions x channels] with any number of channels.
  /// The addend has the layout of the values.
  void (*finish)(long positions, long channels, float *values, ck_epilogue epilogue);

  /// Adds the sum of x and of x * x over all positions to those of each channel; x is
  /// [positions x channels], with any number of channels.
  void (*moments)(long positions, long channels, const float *x, double *sums, double *squares);

  /// Computes to = (x - means) * scale + shift, sets negative values to zero if `relu`, and then adds
  /// the addend if there is one. The maps are [positions x channels], and may be the same.
  void (*normalize)(long positions, long channels, const float *x, const float *means, const float *scale,
                    const float *shift, bool relu, const float *addend, float *to);

  /// Adds the sums over all positions of the gradient, and of its product with the normalized value
  /// (x - means) * deviations, to those of each channel. The maps are [positions x channels].
  void (*norm_sums)(long positions, long channels, const float *x, const float *gradient, const float *means,
                    const float *deviations, double *sums, double *products);

  /// Computes scale * (gradient - constant - (x - means) * slope), and adds it to `to` if `adding`. The
  /// maps are [positions x channels].
  void (*norm_gradient)(long positions, long channels, const float *x, const float *gradient, const float *means,
                        const float *scale, const float *constant, const float *slope, bool adding, float *to);

  /// Returns the sum of a[i] * b[i]. For precision, `count` should be at most a few thousand.
  float (*dot)(long count, const float *a, const float *b);

  /// Returns the sum of (a[i] - b[i])^2. For precision, `count` should be at most a few thousand.
  float (*squared_distance)(long count, const float *a, const float *b);

  /// Computes to[i] = a[i] + factor * b[i]. `to` may be `a` or `b`.
  void (*add_scaled)(long count, const float *a, float factor, const float *b, float *to);

  /// Measures peak throughput: runs `multiply_adds` multiply-adds per step, in registers only.
  float (*multiply_add)(long steps);
  long multiply_adds;
} ck_kernels;

/// Hints to the processor that this thread is in a spin loop.
static inline void ck_pause(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

// Each returns null if this build or this processor does not support it.
const ck_kernels *ck_kernels_plain(void);
const ck_kernels *ck_kernels_plain_bf16(void);
const ck_kernels *ck_kernels_avx2(void);
const ck_kernels *ck_kernels_avx512(void);
const ck_kernels *ck_kernels_avx512_bf16(void);
const ck_kernels *ck_kernels_neon(void);

#endif
