#ifndef CKERNELS_H
#define CKERNELS_H

#include <stdbool.h>
#include <stdint.h>

// The innermost loops of the engine. Matrices are row-major, strides count
// floats, and no pointer needs to be aligned. A map of bits has one for each value of a
// map `[height, width, channels]` in the same order, eight to a byte, the first
// lowest; strides of bits count bytes.

/// The depth at which a packed matrix is cut, see `panel_columns`.
#define CK_DEPTH_BLOCK 256

// The points of Winograd's transforms are 0, infinity, and plus and minus these, which are
// exact in binary. For tiles of 4 the error with the usual 1 and 2 is five times that with
// points closer to one another around 1 (Barabasz et al. 2020, "Error analysis and improving
// the accuracy of Winograd convolution").
#define CK_WINOGRAD_4_A 0.75
#define CK_WINOGRAD_4_B 1.5
#define CK_WINOGRAD_6_A 0.5
#define CK_WINOGRAD_6_B 1.0
#define CK_WINOGRAD_6_C 2.0

/// How outputs end: what happens to the values before they are stored. A null pointer
/// leaves its step out; steps run in the order of the fields. All but the addend are
/// laid out as the output.
typedef struct {
  const float *bias;        // one value a channel, added
  bool relu;                // negative values become zero
  uint8_t *signs;           // receives which values are positive
  const float *addend;      // added
  long addend_row_stride;
  const float *mask;        // where it is not positive, the output is zero
  const uint8_t *mask_bits; // where it is 0, the output is zero
} ck_epilogue;

/// The transforms of Winograd's F(m x m, 3x3) (Lavin and Gray 2015) for one m.
typedef struct {
  /// m; a patch has m + 2 rows and columns, and as many points.
  long tile_size;

  /// Input transform: one patch of all channels to its points.
  void (*input)(long channels, const float *patch, long row_stride, float *points, long point_stride);

  /// The same for a patch of which only the gradient of 2x2 pooling is there: each
  /// value is `scale` times its window's where its bit is set, else 0. The patch begins
  /// in the last row and column of the window at `gradient`.
  void (*input_unpooled)(long channels, const float *gradient, long row_stride, const uint8_t *bits,
                         long bits_row_stride, float scale, float *points, long point_stride);

  /// Output transform: the points of all channels to a tile of at most m x m.
  void (*output)(long channels, const float *points, long point_stride, float *tile, long row_stride, long rows,
                 long columns, ck_epilogue epilogue);

  /// Output transform with bias, ReLU and 2x2 pooling, by the mean or the largest value,
  /// to a tile of at most m/2 x m/2; an odd last row or column is dropped. The bits, laid
  /// out as the map before the pooling, receive which values the gradient will reach.
  void (*output_pooled)(long channels, const float *points, long point_stride, const float *bias, bool largest,
                        float *tile, long row_stride, uint8_t *bits, long bits_row_stride, long rows,
                        long columns);
} ck_winograd;

/// The loops, compiled for one instruction set.
typedef struct {
  const char *name;

  /// Columns of one panel of a packed right-hand matrix. Such a matrix of
  /// [depth x columns] is stored as blocks of CK_DEPTH_BLOCK rows, each as
  /// [columns / panel_columns, rounded up][rows][panel_columns]; columns past the
  /// end hold zeros.
  long panel_columns;

  /// Channels have to be a multiple of this in `gram`, and of this and of 8 in the transforms.
  long channel_multiple;

  /// c = a * b, or c += a * b; a is [rows x depth], b packed, c [rows x columns].
  void (*multiply)(long rows, long columns, long depth, const float *a, long a_stride, const float *b,
                   float *c, long c_stride, bool accumulate);

  /// sum[i][j] += sum over p of f[p][i] * f[p][j] for every j >= i, and for some
  /// j < i as well; f is [positions x channels], sum [channels x channels].
  void (*gram)(long positions, long channels, const float *f, float *sum);

  /// sum[i][j] += sum over p of a[p][i] * b[p][j]; a is [positions x rows], b
  /// [positions x columns], sum [rows x columns], of any size. No element depends on the number
  /// of rows or columns.
  void (*cross)(long positions, long rows, long columns, const float *a, const float *b, float *sum);

  ck_winograd winograd_4;
  ck_winograd winograd_6;

  /// One position of a patch that `input_unpooled` would read.
  void (*unpool)(long channels, const float *gradient, const uint8_t *bits, float scale, float *to);

  /// Applies an epilogue without bits to [positions x channels], any number of
  /// channels; the addend is laid out as the values.
  void (*finish)(long positions, long channels, float *values, ck_epilogue epilogue);

  /// The sum of a[i] * b[i]; `count` at most some thousands, for its precision.
  float (*dot)(long count, const float *a, const float *b);

  /// The sum of (a[i] - b[i])^2, likewise.
  float (*squared_distance)(long count, const float *a, const float *b);

  /// to[i] = a[i] + factor * b[i]; `to` may be either of them.
  void (*add_scaled)(long count, const float *a, float factor, const float *b, float *to);

  /// As many multiplications with an addition as the processor can do: `multiply_adds`
  /// of them in every step, in registers.
  float (*multiply_add)(long steps);
  long multiply_adds;
} ck_kernels;

/// Tells the processor that this thread only waits for another.
static inline void ck_pause(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

// Each is null where this build or this processor cannot run it.
const ck_kernels *ck_kernels_plain(void);
const ck_kernels *ck_kernels_avx2(void);
const ck_kernels *ck_kernels_avx512(void);
const ck_kernels *ck_kernels_neon(void);

#endif
