// The kernels for one instruction set. The including file defines
//   LANES      floats in a vector register
//   TILE_ROWS  rows of the micro-kernel's tile, a multiple of 3
//   TILE_VECS  vectors in a row of the tile; TILE_ROWS * TILE_VECS accumulators and
//              TILE_VECS + 1 operands must fit in the registers
// and, for a variant that multiplies in bfloat16, one of
//   BFLOAT16_INSTRUCTIONS, BFLOAT16_EMULATION
// and sets the target attribute around the inclusion.

#include "CKernels.h"
#include <string.h>

#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("clang loop unroll(full)")
#define PANEL (LANES * TILE_VECS)

// Allows the compiler to contract a * b + c to a fused multiply-add.
#pragma clang fp contract(fast)

typedef float vec __attribute__((ext_vector_type(LANES)));
typedef float unaligned_vec __attribute__((ext_vector_type(LANES), aligned(4)));
typedef double wide __attribute__((ext_vector_type(LANES)));
typedef double unaligned_wide __attribute__((ext_vector_type(LANES), aligned(8)));

INLINE vec load(const float *p) { return *(const unaligned_vec *)p; }
INLINE void store(float *p, vec v) { *(unaligned_vec *)p = v; }
INLINE vec splat(float x) { return (vec)x; }

// Bit maps: one bit per value, with the first channel in the least significant bit.

typedef int32_t lanes __attribute__((ext_vector_type(LANES)));
typedef bool flags __attribute__((ext_vector_type(LANES)));

#if LANES == 16
typedef uint16_t packed_flags;
#else
typedef uint8_t packed_flags;
#endif

INLINE lanes expand(const uint8_t *bits, long channel) {
  packed_flags packed;
  memcpy(&packed, bits + channel / 8, sizeof packed);
  lanes bit;
  UNROLL for (int i = 0; i < LANES; i++) bit[i] = 1 << i;
  // With vectors of four, every second one begins in the middle of a byte.
  return ((lanes)(packed >> channel % (8 * (long)sizeof packed)) & bit) != 0;
}

INLINE void pack(lanes value, uint8_t *bits, long channel) {
  flags flag = __builtin_convertvector(value, flags);
  packed_flags packed = 0;
  memcpy(&packed, &flag, sizeof flag < sizeof packed ? sizeof flag : sizeof packed);
  if (LANES == 4) {
    packed &= 15;
    if (channel % 8) packed = (packed_flags)(bits[channel / 8] | packed << 4);
  }
  memcpy(bits + channel / 8, &packed, sizeof packed);
}

// Returns the value where the mask is set, and zero elsewhere.
INLINE vec masked(lanes mask, vec value) { return (vec)(mask & (lanes)value); }

// MARK: Pairs of bfloat16

// A bfloat16 is the upper half of a float. A pair takes the place of a float, the first in the lower
// half, so that matrices of pairs can use the loops for matrices of floats.

typedef uint32_t words __attribute__((ext_vector_type(LANES)));
typedef uint16_t halves __attribute__((ext_vector_type(LANES)));

#ifdef BFLOAT16_INSTRUCTIONS

// Adds the products of the second numbers of each pair, and then of the first.
INLINE vec add_pair_products(vec sum, vec a, vec b) {
  return (vec)_mm512_dpbf16_ps((__m512)sum, (__m512bh)a, (__m512bh)b);
}

// Rounds to the nearest bfloat16, ties to even. The lower halves are zero.
INLINE words rounded(vec value) {
  return (words)_mm512_slli_epi32(_mm512_cvtepu16_epi32((__m256i)_mm512_cvtneps_pbh((__m512)value)), 16);
}

#else

INLINE vec add_pair_products(vec sum, vec a, vec b) {
  // The products are exact, so contraction would not change the sums.
  sum += (vec)((words)a & 0xffff0000) * (vec)((words)b & 0xffff0000);
  return sum + (vec)((words)a << 16) * (vec)((words)b << 16);
}

INLINE words rounded(vec value) {
  words bits = (words)value, last = (bits >> 16) & 1;
  lanes is_nan = value != value;
  return (is_nan ? bits | 1 << 22 : bits + 0x7fff + last) & 0xffff0000;
}

#endif

// Rounds and stores LANES / 2 pairs.
INLINE void store_rounded(float *pairs, vec value) {
  halves upper = __builtin_convertvector(rounded(value) >> 16, halves);
  memcpy(pairs, &upper, sizeof upper);
}

// MARK: Matrix product

// The depth of a block. A panel of a block must stay in the L1 cache for all rows.
enum { DEPTH_BLOCK = CK_DEPTH_BLOCK };
// The number of floats in a cache line.
enum { LINE = 16 };

// The micro-kernel: c[rows x PANEL] (+)= a * b. Row r of step p is at a[r * a_row + p * a_step],
// row p of b at b + p * b_stride. With `pairs`, the elements of a and b are pairs of bfloat16. Three
// rows share a pointer, because one pointer per row would not fit in the registers. Prefetches `ahead`
// at `pace` cache lines per 65536 steps.
INLINE void tile(const bool pairs, const int rows, long depth, const float *a, long a_row, long a_step,
                 const float *b, long b_stride, float *c, long c_stride, const bool accumulate, const float *ahead,
                 long pace) {
  vec sum[TILE_ROWS][TILE_VECS];
  UNROLL for (int r = 0; r < rows; r++)
    UNROLL for (int v = 0; v < TILE_VECS; v++)
      sum[r][v] = accumulate ? load(c + r * c_stride + v * LANES) : splat(0);
  const float *group[TILE_ROWS / 3];
  UNROLL for (int g = 0; g < TILE_ROWS / 3; g++) group[g] = a + 3 * g * a_row;
  for (long p = 0, q = 0; p < depth; p++, q += pace) {
    __builtin_prefetch(ahead + (q >> 16) * LINE);
    vec right[TILE_VECS];
    UNROLL for (int v = 0; v < TILE_VECS; v++) right[v] = load(b + v * LANES);
    UNROLL for (int r = 0; r < rows; r++) {
      vec left = splat(group[r / 3][(r % 3) * a_row]);
      UNROLL for (int v = 0; v < TILE_VECS; v++)
        sum[r][v] = pairs ? add_pair_products(sum[r][v], left, right[v]) : sum[r][v] + left * right[v];
    }
    UNROLL for (int g = 0; g < TILE_ROWS / 3; g++) group[g] += a_step;
    b += b_stride;
  }
  UNROLL for (int r = 0; r < rows; r++)
    UNROLL for (int v = 0; v < TILE_VECS; v++) store(c + r * c_stride + v * LANES, sum[r][v]);
}

INLINE void tile_of_panel(bool pairs, const int rows, long depth, const float *a, long a_stride, const float *b,
                          float *c, long c_stride, bool accumulate, const float *ahead, long pace) {
#define TILE(PAIRS, ACCUMULATE)                                                                                       \
  tile(PAIRS, rows, depth, a, a_stride, 1, b, PANEL, c, c_stride, ACCUMULATE, ahead, pace)
  if (pairs && accumulate) TILE(true, true);
  else if (pairs) TILE(true, false);
  else if (accumulate) TILE(false, true);
  else TILE(false, false);
#undef TILE
}

#define EVERY_LAST                                                                                                    \
  LAST(1);                                                                                                            \
  LAST(2);                                                                                                            \
  LAST(3);                                                                                                            \
  LAST(4);                                                                                                            \
  LAST(5);                                                                                                            \
  LAST(6);                                                                                                            \
  LAST(7);                                                                                                            \
  LAST(8);                                                                                                            \
  LAST(9);                                                                                                            \
  LAST(10);                                                                                                           \
  LAST(11)

// Computes the last rows of a matrix, at most eleven, with a tile of exactly that height.
static void last_rows(bool pairs, long rows, long depth, const float *a, long a_stride, const float *b,
                      float *c, long c_stride, bool accumulate, const float *ahead, long pace) {
#define LAST(ROWS)                                                                                                    \
  case ROWS:                                                                                                          \
    if (ROWS < TILE_ROWS)                                                                                             \
      tile_of_panel(pairs, ROWS % TILE_ROWS, depth, a, a_stride, b, c, c_stride, accumulate, ahead, pace);            \
    break
  switch (rows) { EVERY_LAST; }
#undef LAST
}

static void panel_product(bool pairs, long rows, long depth, const float *a, long a_stride, const float *b, float *c,
                          long c_stride, bool accumulate) {
  // Weights stream from memory. Prefetching the next panel evenly during all tiles of this one hides
  // the latency.
  const float *ahead = b + depth * PANEL;
  long tiles = (rows + TILE_ROWS - 1) / TILE_ROWS;
  long lines = (depth * PANEL / LINE + tiles - 1) / tiles;
  long pace = (lines * 65536 + depth - 1) / depth;
  for (; rows >= TILE_ROWS; rows -= TILE_ROWS, a += TILE_ROWS * a_stride, c += TILE_ROWS * c_stride, ahead += lines * LINE)
    tile_of_panel(pairs, TILE_ROWS, depth, a, a_stride, b, c, c_stride, accumulate, ahead, pace);
  last_rows(pairs, rows, depth, a, a_stride, b, c, c_stride, accumulate, ahead, pace);
}

// Computes a panel that extends beyond c through a small buffer, TILE_ROWS rows at a time.
static void narrow_panel_product(bool pairs, long rows, long columns, long depth, const float *a, long a_stride,
                                 const float *b, float *c, long c_stride, bool accumulate) {
  float part[TILE_ROWS * PANEL];
  for (long first = 0; first < rows; first += TILE_ROWS) {
    long count = rows - first < TILE_ROWS ? rows - first : TILE_ROWS;
    panel_product(pairs, count, depth, a + first * a_stride, a_stride, b, part, PANEL, false);
    for (long r = 0; r < count; r++)
      for (long j = 0; j < columns; j++) {
        float *out = c + (first + r) * c_stride + j;
        *out = accumulate ? *out + part[r * PANEL + j] : part[r * PANEL + j];
      }
  }
}

static void product(bool pairs, long rows, long columns, long depth, const float *a, long a_stride,
                    const float *b, float *c, long c_stride, bool accumulate) {
  for (long start = 0; start < depth; start += DEPTH_BLOCK) {
    long part = depth - start < DEPTH_BLOCK ? depth - start : DEPTH_BLOCK;
    bool adds = accumulate || start > 0;
    for (long column = 0; column < columns; column += PANEL, b += part * PANEL) {
      const float *left = a + start;
      if (columns - column >= PANEL) panel_product(pairs, rows, part, left, a_stride, b, c + column, c_stride, adds);
      else narrow_panel_product(pairs, rows, columns - column, part, left, a_stride, b, c + column, c_stride, adds);
    }
  }
}

static void multiply(long rows, long columns, long depth, const float *a, long a_stride, const float *b, float *c,
                     long c_stride, bool accumulate) {
  product(false, rows, columns, depth, a, a_stride, b, c, c_stride, accumulate);
}

#if defined(BFLOAT16_INSTRUCTIONS) || defined(BFLOAT16_EMULATION)
static void multiply_pairs(long rows, long columns, long depth, const float *a, long a_stride, const float *b,
                           float *c, long c_stride, bool accumulate) {
  product(true, rows, columns, depth, a, a_stride, b, c, c_stride, accumulate);
}
#endif

// MARK: Gram matrix

INLINE void gram_tile(const int rows, long positions, long channels, const float *f, const float *panel, long i,
                      float *sum, const float *ahead, long pace) {
  tile(false, rows, positions, f + i, 1, channels, panel, PANEL, sum + i * channels, channels, true, ahead, pace);
}

// Computes the last rows of the matrix, at most eleven, with a tile of exactly that height.
static void last_gram_rows(long rows, long positions, long channels, const float *f, const float *panel, long i,
                           float *sum, const float *ahead, long pace) {
#define LAST(ROWS)                                                                                                    \
  case ROWS:                                                                                                          \
    if (ROWS < TILE_ROWS) gram_tile(ROWS % TILE_ROWS, positions, channels, f, panel, i, sum, ahead, pace);            \
    break
  switch (rows) { EVERY_LAST; }
#undef LAST
}

// `positions` must be at most DEPTH_BLOCK.
static void gram_block(long positions, long channels, const float *f, float *sum) {
  if (!positions) return;
  // The tiles read the map with large strides. Prefetching the positions after the block, evenly during
  // all tiles, hides the latency of memory.
  long panels = channels / PANEL, tiles = panels * (panels + 1) / 2 * PANEL / TILE_ROWS + 1;
  long lines = (positions * channels / LINE + tiles - 1) / tiles;
  long pace = (lines * 65536 + positions - 1) / positions;
  const float *ahead = f + positions * channels;
  for (long j = 0; j < channels; j += PANEL) {
    // All rows use the panel. A contiguous copy stays in the L1 cache.
    float panel[DEPTH_BLOCK * PANEL];
    for (long p = 0; p < positions; p++)
      UNROLL for (int v = 0; v < TILE_VECS; v++)
        store(panel + p * PANEL + v * LANES, load(f + p * channels + j + v * LANES));
    long i = 0, end = j + PANEL;
    for (; i < end && i + TILE_ROWS <= channels; i += TILE_ROWS, ahead += lines * LINE)
      gram_tile(TILE_ROWS, positions, channels, f, panel, i, sum + j, ahead, pace);
    if (i < end) last_gram_rows(end - i, positions, channels, f, panel, i, sum + j, ahead, pace);
  }
}

static void gram(long positions, long channels, const float *f, float *sum) {
  for (; positions > DEPTH_BLOCK; positions -= DEPTH_BLOCK, f += DEPTH_BLOCK * channels)
    gram_block(DEPTH_BLOCK, channels, f, sum);
  gram_block(positions, channels, f, sum);
}

// MARK: Product over positions

INLINE void cross_tile(const int height, long positions, long rows, const float *a, const float *panel, float *sum,
                       long stride) {
  tile(false, height, positions, a, 1, rows, panel, PANEL, sum, stride, true, a, 0);
}

// Computes the last rows of the result, at most eleven, with a tile of exactly that height.
static void last_cross_rows(long count, long positions, long rows, const float *a, const float *panel, float *sum,
                            long stride) {
#define LAST(ROWS)                                                                                                    \
  case ROWS:                                                                                                          \
    if (ROWS < TILE_ROWS) cross_tile(ROWS % TILE_ROWS, positions, rows, a, panel, sum, stride);                       \
    break
  switch (count) { EVERY_LAST; }
#undef LAST
}

// `count` must be at most TILE_ROWS.
static void cross_rows(long count, long positions, long rows, const float *a, const float *panel, float *sum,
                       long stride) {
  if (count == TILE_ROWS) cross_tile(TILE_ROWS, positions, rows, a, panel, sum, stride);
  else last_cross_rows(count, positions, rows, a, panel, sum, stride);
}

// Copies a row of a panel, and zeros beyond `width`.
INLINE void copy_to_panel(long width, const float *from, float *to) {
  if (width == PANEL) {
    UNROLL for (int v = 0; v < TILE_VECS; v++) store(to + v * LANES, load(from + v * LANES));
    return;
  }
  for (long k = 0; k < PANEL; k++) to[k] = k < width ? from[k] : 0;
}

// `positions` must be at most DEPTH_BLOCK.
static void cross_block(long positions, long rows, long columns, const float *a, const float *b, long b_stride,
                        float *sum) {
  for (long j = 0; j < columns; j += PANEL) {
    long width = columns - j < PANEL ? columns - j : PANEL;
    // All rows use the panel. A contiguous copy stays in the L1 cache.
    float panel[DEPTH_BLOCK * PANEL];
    for (long p = 0; p < positions; p++) copy_to_panel(width, b + p * b_stride + j, panel + p * PANEL);
    for (long i = 0; i < rows; i += TILE_ROWS) {
      long count = rows - i < TILE_ROWS ? rows - i : TILE_ROWS;
      float *to = sum + i * columns + j;
      if (width == PANEL) {
        cross_rows(count, positions, rows, a + i, panel, to, columns);
        continue;
      }
      // A panel that extends beyond the sum goes through a small buffer.
      float part[TILE_ROWS * PANEL] = {0};
      for (long r = 0; r < count; r++) memcpy(part + r * PANEL, to + r * columns, (size_t)width * sizeof *to);
      cross_rows(count, positions, rows, a + i, panel, part, PANEL);
      for (long r = 0; r < count; r++) memcpy(to + r * columns, part + r * PANEL, (size_t)width * sizeof *to);
    }
  }
}

static void cross(long positions, long rows, long columns, const float *a, const float *b, long b_stride,
                  float *sum) {
  for (; positions > DEPTH_BLOCK; positions -= DEPTH_BLOCK, a += DEPTH_BLOCK * rows, b += DEPTH_BLOCK * b_stride)
    cross_block(DEPTH_BLOCK, rows, columns, a, b, b_stride, sum);
  cross_block(positions, rows, columns, a, b, b_stride, sum);
}

// MARK: Winograd's F(m x m, 3x3)

// Tiles have m = 4 or m = 6 rows and columns, patches n = m + 2.
#define A4 ((float)CK_WINOGRAD_4_A)
#define B4 ((float)CK_WINOGRAD_4_B)
#define A6 ((float)CK_WINOGRAD_6_A)
#define B6 ((float)CK_WINOGRAD_6_B)
#define C6 ((float)CK_WINOGRAD_6_C)

enum { MOST_POINTS = 8, MOST_OUTPUTS = 6 };

// Two rows of the input transform, for the points a and -a: the product of (x - point) over all
// other points.
INLINE void point_pair(vec even, vec odd, vec *plus, vec *minus) {
  *plus = even + odd;
  *minus = even - odd;
}

// One dimension of the input transform. Row i is the product of (x - point) over all points except
// for the i-th, and the last row the product over all points.
INLINE void input_line(const int m, const vec *d, vec *out) {
  if (m == 4) {
    const float a = A4 * A4, b = B4 * B4;
    out[0] = a * b * d[0] - (a + b) * d[2] + d[4];
    point_pair(d[4] - b * d[2], A4 * (d[3] - b * d[1]), out + 1, out + 2);
    point_pair(d[4] - a * d[2], B4 * (d[3] - a * d[1]), out + 3, out + 4);
    out[5] = a * b * d[1] - (a + b) * d[3] + d[5];
  } else {
    const float a = A6 * A6, b = B6 * B6, c = C6 * C6;
    const float sum = a + b + c, pairs = a * b + b * c + a * c;
    out[0] = d[6] - sum * d[4] + pairs * d[2] - a * b * c * d[0];
    point_pair(d[6] - (b + c) * d[4] + b * c * d[2], A6 * (d[5] - (b + c) * d[3] + b * c * d[1]), out + 1, out + 2);
    point_pair(d[6] - (a + c) * d[4] + a * c * d[2], B6 * (d[5] - (a + c) * d[3] + a * c * d[1]), out + 3, out + 4);
    point_pair(d[6] - (a + b) * d[4] + a * b * d[2], C6 * (d[5] - (a + b) * d[3] + a * b * d[1]), out + 5, out + 6);
    out[7] = d[7] - sum * d[5] + pairs * d[3] - a * b * c * d[1];
  }
}

// One dimension of the output transform. Row k is the k-th power of the points.
INLINE void output_line(const int m, const vec *p, vec *out) {
  vec even = p[1] + p[2], odd = p[1] - p[2];
  vec even2 = p[3] + p[4], odd2 = p[3] - p[4];
  if (m == 4) {
    const float a = A4, b = B4;
    out[0] = p[0] + even + even2;
    out[1] = a * odd + b * odd2;
    out[2] = a * a * even + b * b * even2;
    out[3] = a * a * a * odd + b * b * b * odd2 + p[5];
  } else {
    const float a = A6, b = B6, c = C6;
    vec even3 = p[5] + p[6], odd3 = p[5] - p[6];
    out[0] = p[0] + even + even2 + even3;
    out[1] = a * odd + b * odd2 + c * odd3;
    out[2] = a * a * even + b * b * even2 + c * c * even3;
    out[3] = a * a * a * odd + b * b * b * odd2 + c * c * c * odd3;
    out[4] = a * a * a * a * even + b * b * b * b * even2 + c * c * c * c * even3;
    out[5] = a * a * a * a * a * odd + b * b * b * b * b * odd2 + c * c * c * c * c * odd3 + p[7];
  }
}

// One dimension of the adjoint of the output transform: evaluates the values as a polynomial at each
// point.
INLINE void adjoint_line(const int m, const vec *u, vec *out) {
  out[0] = u[0];
  if (m == 4) {
    const float a = A4, b = B4;
    point_pair(u[0] + a * a * u[2], a * (u[1] + a * a * u[3]), out + 1, out + 2);
    point_pair(u[0] + b * b * u[2], b * (u[1] + b * b * u[3]), out + 3, out + 4);
    out[5] = u[3];
  } else {
    const float a = A6 * A6, b = B6 * B6, c = C6 * C6;
    point_pair(u[0] + a * (u[2] + a * u[4]), A6 * (u[1] + a * (u[3] + a * u[5])), out + 1, out + 2);
    point_pair(u[0] + b * (u[2] + b * u[4]), B6 * (u[1] + b * (u[3] + b * u[5])), out + 3, out + 4);
    point_pair(u[0] + c * (u[2] + c * u[4]), C6 * (u[1] + c * (u[3] + c * u[5])), out + 5, out + 6);
    out[7] = u[5];
  }
}

#undef A4
#undef B4
#undef A6
#undef B6
#undef C6

INLINE void store_point(const bool rounds, float *point, long channel, vec value) {
  if (rounds) store_rounded(point + channel / 2, value);
  else store(point + channel, value);
}

// The input transform of a patch, whose values AT(row, column, channel) loads. PREFETCH prefetches the same
// place of the next patch, if this patch does not have its value. Stores pairs of bfloat16 if it ROUNDS.
#define TRANSFORM_INPUT(M, ROUNDS, AT, PREFETCH)                                                                      \
  for (long channel = 0; channel < channels; channel += LANES) {                                                      \
    const int n = M + 2;                                                                                              \
    vec half[MOST_POINTS][MOST_POINTS]; /* [point row][patch column] */                                               \
    UNROLL for (int x = 0; x < n; x++) {                                                                              \
      vec d[MOST_POINTS], out[MOST_POINTS];                                                                           \
      UNROLL for (int y = 0; y < n; y++) PREFETCH(y, x, channel);                                                     \
      UNROLL for (int y = 0; y < n; y++) d[y] = AT(y, x, channel);                                                    \
      input_line(M, d, out);                                                                                          \
      UNROLL for (int y = 0; y < n; y++) half[y][x] = out[y];                                                         \
    }                                                                                                                 \
    UNROLL for (int y = 0; y < n; y++) {                                                                              \
      vec out[MOST_POINTS];                                                                                           \
      input_line(M, half[y], out);                                                                                    \
      UNROLL for (int x = 0; x < n; x++)                                                                              \
        store_point(ROUNDS, points + (n * y + x) * point_stride, channel, out[x]);                                    \
    }                                                                                                                 \
  }

INLINE void transform_input(const int m, const bool rounds, long channels, const float *patch, long row_stride,
                            float *points, long point_stride) {
#define AT(Y, X, CHANNEL) load(patch + (Y) * row_stride + (X) * channels + (CHANNEL))
#define PREFETCH(Y, X, CHANNEL)                                                                                       \
  if ((X) >= 2) __builtin_prefetch(patch + (Y) * row_stride + ((X) + m) * channels + (CHANNEL))
  TRANSFORM_INPUT(m, rounds, AT, PREFETCH)
#undef AT
#undef PREFETCH
}

INLINE void transform_unpooled(const int m, const bool rounds, long channels, const float *gradient, long row_stride,
                               const uint8_t *bits, long bits_row_stride, float scale, float *points,
                               long point_stride) {
  // The patch begins with the last row and column of its first windows.
#define AT(Y, X, CHANNEL)                                                                                             \
  masked(expand(bits + (Y) * bits_row_stride + (X) * (channels / 8), CHANNEL),                                        \
         scale * load(gradient + ((Y) + 1) / 2 * row_stride + ((X) + 1) / 2 * channels + (CHANNEL)))
#define PREFETCH(Y, X, CHANNEL)                                                                                       \
  if ((X) >= 2 && (X) % 2 && (Y) % 2)                                                                                 \
    __builtin_prefetch(gradient + ((Y) + 1) / 2 * row_stride + ((X) + 1 + m) / 2 * channels + (CHANNEL))
  TRANSFORM_INPUT(m, rounds, AT, PREFETCH)
#undef AT
#undef PREFETCH
}

static void unpool(long channels, const float *gradient, const uint8_t *bits, float scale, float *to) {
  for (long channel = 0; channel < channels; channel += LANES)
    store(to + channel, masked(expand(bits, channel), scale * load(gradient + channel)));
}

// Computes the outputs of one vector of channels.
INLINE void transform_points(const int m, const float *points, long point_stride,
                             vec out[MOST_OUTPUTS][MOST_OUTPUTS]) {
  const int n = m + 2;
  vec half[MOST_OUTPUTS][MOST_POINTS];
  UNROLL for (int x = 0; x < n; x++) {
    vec column[MOST_POINTS], part[MOST_OUTPUTS];
    UNROLL for (int y = 0; y < n; y++) column[y] = load(points + (n * y + x) * point_stride);
    output_line(m, column, part);
    UNROLL for (int y = 0; y < m; y++) half[y][x] = part[y];
  }
  UNROLL for (int y = 0; y < m; y++) output_line(m, half[y], out[y]);
}

INLINE void transform_adjoint(const int m, const bool whole, long channels, const float *tile, long row_stride,
                              long rows, long columns, float *points, long point_stride) {
  const int n = m + 2;
  for (long channel = 0; channel < channels; channel += LANES) {
    vec half[MOST_POINTS][MOST_OUTPUTS]; /* [point row][tile column] */
    UNROLL for (int x = 0; x < m; x++) {
      vec value[MOST_OUTPUTS], out[MOST_POINTS];
      UNROLL for (int y = 0; y < m; y++)
        value[y] =
            whole || (y < rows && x < columns) ? load(tile + y * row_stride + x * channels + channel) : splat(0);
      adjoint_line(m, value, out);
      UNROLL for (int y = 0; y < n; y++) half[y][x] = out[y];
    }
    UNROLL for (int y = 0; y < n; y++) {
      vec out[MOST_POINTS];
      adjoint_line(m, half[y], out);
      UNROLL for (int x = 0; x < n; x++) store(points + (n * y + x) * point_stride + channel, out[x]);
    }
  }
}

INLINE vec at_least_zero(vec value) { return masked(value > 0, value); }

INLINE void transform_output(const int m, const bool whole, long channels, const float *points, long point_stride,
                             float *to, long row_stride, long rows, long columns, ck_epilogue epilogue) {
  for (long channel = 0; channel < channels; channel += LANES) {
    vec out[MOST_OUTPUTS][MOST_OUTPUTS];
    transform_points(m, points + channel, point_stride, out);
    vec bias = epilogue.bias ? load(epilogue.bias + channel) : splat(0);
    UNROLL for (int y = 0; y < m; y++) UNROLL for (int x = 0; x < m; x++) {
      if (!whole && (y >= rows || x >= columns)) continue;
      long place = y * row_stride + x * channels;
      __builtin_prefetch(to + place + m * channels + channel, 1);
      vec value = out[y][x] + bias;
      if (epilogue.relu) value = at_least_zero(value);
      if (epilogue.signs) pack(value > 0, epilogue.signs + place / 8, channel);
      if (epilogue.addend) value += load(epilogue.addend + y * epilogue.addend_row_stride + x * channels + channel);
      if (epilogue.mask) value = masked(load(epilogue.mask + place + channel) > 0, value);
      if (epilogue.mask_bits) value = masked(expand(epilogue.mask_bits + place / 8, channel), value);
      store(to + place + channel, value);
    }
  }
}

// ReLU and pooling of one 2x2 window. `routes` selects the values that will receive the gradient.
INLINE vec pool(const bool largest, const vec window[4], lanes routes[4]) {
  vec value[4];
  UNROLL for (int i = 0; i < 4; i++) {
    value[i] = at_least_zero(window[i]);
    routes[i] = value[i] > 0;
  }
  if (!largest) return 0.25f * ((value[0] + value[1]) + (value[2] + value[3]));
  vec top = value[0];
  UNROLL for (int i = 1; i < 4; i++) top = value[i] > top ? value[i] : top;
  // Of several largest values, the first receives the gradient, as in PyTorch.
  lanes taken = (lanes)0;
  UNROLL for (int i = 0; i < 4; i++) {
    routes[i] &= (value[i] == top) & ~taken;
    taken |= routes[i];
  }
  return top;
}

INLINE void transform_pooled(const int m, const bool whole, const bool largest, long channels, const float *points,
                             long point_stride, const float *bias, float *to, long row_stride, uint8_t *bits,
                             long bits_row_stride, long rows, long columns) {
  for (long channel = 0; channel < channels; channel += LANES) {
    vec out[MOST_OUTPUTS][MOST_OUTPUTS], add = load(bias + channel);
    transform_points(m, points + channel, point_stride, out);
    UNROLL for (int y = 0; y < m; y += 2) UNROLL for (int x = 0; x < m; x += 2) {
      if (!whole && (y + 1 >= rows || x + 1 >= columns)) continue;
      vec window[4] = {out[y][x] + add, out[y][x + 1] + add, out[y + 1][x] + add, out[y + 1][x + 1] + add};
      lanes routes[4];
      __builtin_prefetch(to + y / 2 * row_stride + (x + m) / 2 * channels + channel, 1);
      store(to + y / 2 * row_stride + x / 2 * channels + channel, pool(largest, window, routes));
      UNROLL for (int i = 0; i < 4; i++)
        pack(routes[i], bits + (y + i / 2) * bits_row_stride + (x + i % 2) * (channels / 8), channel);
    }
  }
}

// The input transforms of `ck_winograd` for one tile size and format of points.
#define INPUTS(M, ROUNDS, NAME)                                                                                       \
  static void input_##NAME(long channels, const float *patch, long row_stride, float *points, long point_stride) {    \
    transform_input(M, ROUNDS, channels, patch, row_stride, points, point_stride);                                   \
  }                                                                                                                   \
  static void input_unpooled_##NAME(long channels, const float *gradient, long row_stride, const uint8_t *bits,       \
                                    long bits_row_stride, float scale, float *points, long point_stride) {            \
    transform_unpooled(M, ROUNDS, channels, gradient, row_stride, bits, bits_row_stride, scale, points,               \
                       point_stride);                                                                                 \
  }

// Transforms the kernels of one vector of outputs. Weights are transformed once, so double precision
// costs little.
INLINE void transform_weights(const int m, const double *lines, const float *taps, vec out[MOST_POINTS * MOST_POINTS]) {
  const int n = m + 2;
  wide tap[9];
  UNROLL for (int i = 0; i < 9; i++) tap[i] = __builtin_convertvector(load(taps + i * PANEL), wide);
  for (int y = 0; y < n; y++) {
    wide half[3];
    const double *row = lines + 3 * y;
    UNROLL for (int i = 0; i < 3; i++) half[i] = row[0] * tap[i] + row[1] * tap[3 + i] + row[2] * tap[6 + i];
    for (int x = 0; x < n; x++) {
      const double *column = lines + 3 * x;
      wide whole = column[0] * half[0] + column[1] * half[1] + column[2] * half[2];
      out[y * n + x] = __builtin_convertvector(whole, vec);
    }
  }
}

// The weights' transform of `ck_winograd` in single precision.
#define WEIGHTS(M)                                                                                                    \
  static void weights_##M(const double *lines, const float *taps, float *points, long point_stride) {                 \
    vec out[MOST_POINTS * MOST_POINTS];                                                                               \
    for (int v = 0; v < TILE_VECS; v++) {                                                                             \
      transform_weights(M, lines, taps + v * LANES, out);                                                             \
      for (int i = 0; i < (M + 2) * (M + 2); i++) store(points + i * point_stride + v * LANES, out[i]);               \
    }                                                                                                                 \
  }

// The other transforms of `ck_winograd` for one tile size.
#define OUTPUTS(M)                                                                                                    \
  static void adjoint_##M(long channels, const float *tile, long row_stride, long rows, long columns,                 \
                          float *points, long point_stride) {                                                         \
    if (rows >= M && columns >= M)                                                                                    \
      transform_adjoint(M, true, channels, tile, row_stride, M, M, points, point_stride);                             \
    else transform_adjoint(M, false, channels, tile, row_stride, rows, columns, points, point_stride);                \
  }                                                                                                                   \
  static void output_##M(long channels, const float *points, long point_stride, float *to, long row_stride,           \
                         long rows, long columns, ck_epilogue epilogue) {                                             \
    if (rows >= M && columns >= M)                                                                                    \
      transform_output(M, true, channels, points, point_stride, to, row_stride, M, M, epilogue);                      \
    else transform_output(M, false, channels, points, point_stride, to, row_stride, rows, columns, epilogue);         \
  }                                                                                                                   \
  static void output_pooled_##M(long channels, const float *points, long point_stride, const float *bias,             \
                                bool largest, float *to, long row_stride, uint8_t *bits, long bits_row_stride,        \
                                long rows, long columns) {                                                            \
    bool whole = rows >= M && columns >= M;                                                                           \
    if (whole && largest) POOLED(M, true, true);                                                                      \
    else if (whole) POOLED(M, true, false);                                                                           \
    else if (largest) POOLED(M, false, true);                                                                         \
    else POOLED(M, false, false);                                                                                     \
  }
#define POOLED(M, WHOLE, LARGEST)                                                                                     \
  transform_pooled(M, WHOLE, LARGEST, channels, points, point_stride, bias, to, row_stride, bits, bits_row_stride,    \
                   rows, columns)

INPUTS(4, false, 4)
INPUTS(6, false, 6)
WEIGHTS(4)
WEIGHTS(6)
OUTPUTS(4)
OUTPUTS(6)

#define WINOGRAD_TABLE(M, NAME)                                                                                       \
  {.tile_size = M,                                                                                                    \
   .input = input_##NAME,                                                                                             \
   .input_unpooled = input_unpooled_##NAME,                                                                           \
   .adjoint = adjoint_##M,                                                                                            \
   .output = output_##M,                                                                                              \
   .output_pooled = output_pooled_##M,                                                                                \
   .weights = weights_##NAME}

#if defined(BFLOAT16_INSTRUCTIONS) || defined(BFLOAT16_EMULATION)
INPUTS(4, true, 4_bfloat16)

static void weights_4_bfloat16(const double *lines, const float *taps, float *points, long point_stride) {
  vec first[MOST_POINTS * MOST_POINTS], second[MOST_POINTS * MOST_POINTS];
  for (int v = 0; v < TILE_VECS; v++) {
    transform_weights(4, lines, taps + v * LANES, first);
    transform_weights(4, lines, taps + 9 * PANEL + v * LANES, second);
    for (int i = 0; i < 36; i++) {
      words pair = rounded(first[i]) >> 16 | rounded(second[i]);
      store(points + i * point_stride + v * LANES, (vec)pair);
    }
  }
}

static const ck_bfloat16 bfloat16 = {.multiply = multiply_pairs, .winograd_4 = WINOGRAD_TABLE(4, 4_bfloat16)};
#define BFLOAT16_TABLE &bfloat16
#else
#define BFLOAT16_TABLE 0
#endif

// MARK: Epilogues of other convolutions

static void finish(long positions, long channels, float *values, ck_epilogue epilogue) {
  const float *bias = epilogue.bias, *addend = epilogue.addend, *mask = epilogue.mask;
  for (long position = 0; position < positions; position++) {
    long first = position * channels, channel = 0;
    for (; channel + LANES <= channels; channel += LANES) {
      long place = first + channel;
      vec value = load(values + place);
      if (bias) value += load(bias + channel);
      if (epilogue.relu) value = at_least_zero(value);
      if (addend) value += load(addend + place);
      if (mask) value = masked(load(mask + place) > 0, value);
      store(values + place, value);
    }
    for (; channel < channels; channel++) {
      long place = first + channel;
      float value = values[place];
      if (bias) value += bias[channel];
      if (epilogue.relu) value = value > 0 ? value : 0;
      if (addend) value += addend[place];
      if (mask) value = mask[place] > 0 ? value : 0;
      values[place] = value;
    }
  }
}

// MARK: Instance norm


static void moments(long positions, long channels, const float *x, double *sums, double *squares) {
  for (long position = 0; position < positions; position++, x += channels) {
    long channel = 0;
    for (; channel + LANES <= channels; channel += LANES) {
      wide value = __builtin_convertvector(load(x + channel), wide);
      *(unaligned_wide *)(sums + channel) += value;
      *(unaligned_wide *)(squares + channel) += value * value;
    }
    for (; channel < channels; channel++) {
      double value = x[channel];
      sums[channel] += value;
      squares[channel] += value * value;
    }
  }
}

static void normalize(long positions, long channels, const float *x, const float *means, const float *scale,
                      const float *shift, bool relu, const float *addend, float *to) {
  for (long position = 0; position < positions; position++) {
    long first = position * channels, channel = 0;
    for (; channel + LANES <= channels; channel += LANES) {
      long place = first + channel;
      vec value = (load(x + place) - load(means + channel)) * load(scale + channel) + load(shift + channel);
      if (relu) value = at_least_zero(value);
      if (addend) value += load(addend + place);
      store(to + place, value);
    }
    for (; channel < channels; channel++) {
      long place = first + channel;
      float value = (x[place] - means[channel]) * scale[channel] + shift[channel];
      if (relu) value = value > 0 ? value : 0;
      if (addend) value += addend[place];
      to[place] = value;
    }
  }
}

static void norm_sums(long positions, long channels, const float *x, const float *gradient, const float *means,
                      const float *deviations, double *sums, double *products) {
  for (long position = 0; position < positions; position++, x += channels, gradient += channels) {
    long channel = 0;
    for (; channel + LANES <= channels; channel += LANES) {
      vec normalized = (load(x + channel) - load(means + channel)) * load(deviations + channel);
      wide value = __builtin_convertvector(load(gradient + channel), wide);
      *(unaligned_wide *)(sums + channel) += value;
      *(unaligned_wide *)(products + channel) += value * __builtin_convertvector(normalized, wide);
    }
    for (; channel < channels; channel++) {
      float normalized = (x[channel] - means[channel]) * deviations[channel];
      sums[channel] += gradient[channel];
      products[channel] += (double)gradient[channel] * normalized;
    }
  }
}

static void norm_gradient(long positions, long channels, const float *x, const float *gradient, const float *means,
                          const float *scale, const float *constant, const float *slope, bool adding, float *to) {
  for (long position = 0; position < positions; position++, x += channels, gradient += channels, to += channels) {
    long channel = 0;
    for (; channel + LANES <= channels; channel += LANES) {
      vec centered = load(x + channel) - load(means + channel);
      vec value = load(gradient + channel) - load(constant + channel) - centered * load(slope + channel);
      value *= load(scale + channel);
      store(to + channel, adding ? load(to + channel) + value : value);
    }
    for (; channel < channels; channel++) {
      float centered = x[channel] - means[channel];
      float value = (gradient[channel] - constant[channel] - centered * slope[channel]) * scale[channel];
      to[channel] = adding ? to[channel] + value : value;
    }
  }
}

// MARK: Vectors

// Several partial sums have fewer terms each, which reduces rounding errors.
enum { PARTIAL_SUMS = 4 };

INLINE float sum_of(const vec *partial, float rest) {
  vec sum = (partial[0] + partial[1]) + (partial[2] + partial[3]);
  for (int i = 0; i < LANES; i++) rest += sum[i];
  return rest;
}

static float dot(long count, const float *a, const float *b) {
  vec partial[PARTIAL_SUMS] = {0};
  long i = 0;
  for (; i + PARTIAL_SUMS * LANES <= count; i += PARTIAL_SUMS * LANES)
    UNROLL for (int j = 0; j < PARTIAL_SUMS; j++)
      partial[j] += load(a + i + j * LANES) * load(b + i + j * LANES);
  float rest = 0;
  for (; i < count; i++) rest += a[i] * b[i];
  return sum_of(partial, rest);
}

static float squared_distance(long count, const float *a, const float *b) {
  vec partial[PARTIAL_SUMS] = {0};
  long i = 0;
  for (; i + PARTIAL_SUMS * LANES <= count; i += PARTIAL_SUMS * LANES)
    UNROLL for (int j = 0; j < PARTIAL_SUMS; j++) {
      vec difference = load(a + i + j * LANES) - load(b + i + j * LANES);
      partial[j] += difference * difference;
    }
  float rest = 0;
  for (; i < count; i++) rest += (a[i] - b[i]) * (a[i] - b[i]);
  return sum_of(partial, rest);
}

static void add_scaled(long count, const float *a, float factor, const float *b, float *to) {
  long i = 0;
  for (; i + LANES <= count; i += LANES) store(to + i, load(a + i) + factor * load(b + i));
  for (; i < count; i++) to[i] = a[i] + factor * b[i];
}

// MARK: The processor's peak

static float multiply_add(long steps) {
  vec sum[TILE_ROWS * TILE_VECS], factor = splat(0.999f), addend = splat(1e-3f);
  UNROLL for (int i = 0; i < TILE_ROWS * TILE_VECS; i++) sum[i] = splat((float)i);
  for (long step = 0; step < steps; step++)
    UNROLL for (int i = 0; i < TILE_ROWS * TILE_VECS; i++) sum[i] = sum[i] * factor + addend;
  UNROLL for (int i = 1; i < TILE_ROWS * TILE_VECS; i++) sum[0] += sum[i];
  return sum[0][0];
}

#define KERNELS(NAME)                                                                                                 \
  {.name = NAME,                                                                                                      \
   .panel_columns = PANEL,                                                                                            \
   .channel_multiple = PANEL,                                                                                         \
   .multiply = multiply,                                                                                              \
   .gram = gram,                                                                                                      \
   .cross = cross,                                                                                                    \
   .winograd_4 = WINOGRAD_TABLE(4, 4),                                                                                \
   .winograd_6 = WINOGRAD_TABLE(6, 6),                                                                                \
   .bfloat16 = BFLOAT16_TABLE,                                                                                        \
   .unpool = unpool,                                                                                                  \
   .finish = finish,                                                                                                  \
   .moments = moments,                                                                                                \
   .normalize = normalize,                                                                                            \
   .norm_sums = norm_sums,                                                                                            \
   .norm_gradient = norm_gradient,                                                                                    \
   .dot = dot,                                                                                                        \
   .squared_distance = squared_distance,                                                                              \
   .add_scaled = add_scaled,                                                                                          \
   .multiply_add = multiply_add,                                                                                      \
   .multiply_adds = TILE_ROWS * PANEL}
