// The kernels for one instruction set. The including file defines
//   LANES      floats in a vector register
//   TILE_ROWS  rows of the micro-kernel's tile, a multiple of 3
//   TILE_VECS  vectors in a row of it; TILE_ROWS * TILE_VECS accumulators have
//              to fit in the registers beside TILE_VECS + 1 operands
// and sets the target attribute around the inclusion.

#include "CKernels.h"

#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("clang loop unroll(full)")
#define PANEL (LANES * TILE_VECS)

// Lets the compiler contract a * b + c to one instruction where there is one.
#pragma clang fp contract(fast)

typedef float vec __attribute__((ext_vector_type(LANES)));
typedef float unaligned_vec __attribute__((ext_vector_type(LANES), aligned(4)));

INLINE vec load(const float *p) { return *(const unaligned_vec *)p; }
INLINE void store(float *p, vec v) { *(unaligned_vec *)p = v; }
INLINE vec splat(float x) { return (vec)x; }

// MARK: Matrix product

// Depth is cut so that a panel's part stays in the first-level cache while the
// rows pass by.
enum { DEPTH_BLOCK = 256 };

// c[rows x PANEL] (+)= a * b. Row r of step p is at a[r * a_row + p * a_step],
// row p of b at b + p * b_stride. Three rows share a pointer, because a pointer
// each would not fit in the registers.
INLINE void tile(const int rows, long depth, const float *a, long a_row, long a_step, const float *b, long b_stride,
                 float *c, long c_stride, const bool accumulate) {
  vec sum[TILE_ROWS][TILE_VECS];
  UNROLL for (int r = 0; r < rows; r++)
    UNROLL for (int v = 0; v < TILE_VECS; v++)
      sum[r][v] = accumulate ? load(c + r * c_stride + v * LANES) : splat(0);
  const float *group[TILE_ROWS / 3];
  UNROLL for (int g = 0; g < TILE_ROWS / 3; g++) group[g] = a + 3 * g * a_row;
  for (long p = 0; p < depth; p++) {
    // The processor fetches ahead by itself only to the end of a page.
    UNROLL for (int v = 0; v < TILE_VECS; v++) __builtin_prefetch(b + 24 * b_stride + v * LANES);
    vec right[TILE_VECS];
    UNROLL for (int v = 0; v < TILE_VECS; v++) right[v] = load(b + v * LANES);
    UNROLL for (int r = 0; r < rows; r++) {
      vec left = splat(group[r / 3][(r % 3) * a_row]);
      UNROLL for (int v = 0; v < TILE_VECS; v++) sum[r][v] += left * right[v];
    }
    UNROLL for (int g = 0; g < TILE_ROWS / 3; g++) group[g] += a_step;
    b += b_stride;
  }
  UNROLL for (int r = 0; r < rows; r++)
    UNROLL for (int v = 0; v < TILE_VECS; v++) store(c + r * c_stride + v * LANES, sum[r][v]);
}

INLINE void tile_of_panel(const int rows, long depth, const float *a, long a_stride, const float *b, float *c,
                          long c_stride, bool accumulate) {
  if (accumulate) tile(rows, depth, a, a_stride, 1, b, PANEL, c, c_stride, true);
  else tile(rows, depth, a, a_stride, 1, b, PANEL, c, c_stride, false);
}

// The last rows of a matrix, at most eleven: a tile of just their number.
static void last_rows(long rows, long depth, const float *a, long a_stride, const float *b, float *c, long c_stride,
                      bool accumulate) {
#define LAST(ROWS)                                                                                                    \
  case ROWS:                                                                                                          \
    if (ROWS < TILE_ROWS) tile_of_panel(ROWS % TILE_ROWS, depth, a, a_stride, b, c, c_stride, accumulate);            \
    break
  switch (rows) {
    LAST(1);
    LAST(2);
    LAST(3);
    LAST(4);
    LAST(5);
    LAST(6);
    LAST(7);
    LAST(8);
    LAST(9);
    LAST(10);
    LAST(11);
  }
#undef LAST
}

static void panel_product(long rows, long depth, const float *a, long a_stride, const float *b, float *c,
                          long c_stride, bool accumulate) {
  for (; rows >= TILE_ROWS; rows -= TILE_ROWS, a += TILE_ROWS * a_stride, c += TILE_ROWS * c_stride)
    tile_of_panel(TILE_ROWS, depth, a, a_stride, b, c, c_stride, accumulate);
  last_rows(rows, depth, a, a_stride, b, c, c_stride, accumulate);
}

// A panel that sticks out of c goes through a small matrix, a few rows at a time.
static void narrow_panel_product(long rows, long columns, long depth, const float *a, long a_stride, const float *b,
                                 float *c, long c_stride, bool accumulate) {
  float part[TILE_ROWS * PANEL];
  for (long first = 0; first < rows; first += TILE_ROWS) {
    long count = rows - first < TILE_ROWS ? rows - first : TILE_ROWS;
    panel_product(count, depth, a + first * a_stride, a_stride, b, part, PANEL, false);
    for (long r = 0; r < count; r++)
      for (long j = 0; j < columns; j++) {
        float *out = c + (first + r) * c_stride + j;
        *out = accumulate ? *out + part[r * PANEL + j] : part[r * PANEL + j];
      }
  }
}

static void multiply(long rows, long columns, long depth, const float *a, long a_stride, const float *b, float *c,
                     long c_stride, bool accumulate) {
  for (long start = 0; start < depth; start += DEPTH_BLOCK) {
    long part = depth - start < DEPTH_BLOCK ? depth - start : DEPTH_BLOCK;
    bool adds = accumulate || start > 0;
    for (long column = 0; column < columns; column += PANEL) {
      const float *panel = b + column * depth + start * PANEL;
      if (columns - column >= PANEL) panel_product(rows, part, a + start, a_stride, panel, c + column, c_stride, adds);
      else narrow_panel_product(rows, columns - column, part, a + start, a_stride, panel, c + column, c_stride, adds);
    }
  }
}

// MARK: Gram matrix

static void gram(long positions, long channels, const float *f, float *sum) {
  for (long j = 0; j < channels; j += PANEL) {
    long i = 0, end = j + PANEL;
    for (; i + TILE_ROWS <= end; i += TILE_ROWS)
      tile(TILE_ROWS, positions, f + i, 1, channels, f + j, channels, sum + i * channels + j, channels, true);
    for (; i < end; i++) tile(1, positions, f + i, 1, channels, f + j, channels, sum + i * channels + j, channels, true);
  }
}

// MARK: Winograd's F(4x4, 3x3)

// The usual points 0, 1, -1, 2, -2 lose four times as many digits as points
// closer to one another around 1 (Barabasz et al. 2020, "Error analysis and
// improving the accuracy of Winograd convolution"). These are exact in binary.
// The weights' transform has to use the same.
#define A 0.75f
#define B 1.5f

// One dimension of the input transform: row i is the product of (x - point) over
// all points but the i-th, the last row over all.
INLINE void input_line(const vec d[6], vec out[6]) {
  vec even = d[4] - B * B * d[2], odd = A * (d[3] - B * B * d[1]);
  vec even2 = d[4] - A * A * d[2], odd2 = B * (d[3] - A * A * d[1]);
  out[0] = A * A * B * B * d[0] - (A * A + B * B) * d[2] + d[4];
  out[1] = even + odd;
  out[2] = even - odd;
  out[3] = even2 + odd2;
  out[4] = even2 - odd2;
  out[5] = A * A * B * B * d[1] - (A * A + B * B) * d[3] + d[5];
}

// One dimension of the output transform: row k is the k-th power of the points.
INLINE void output_line(const vec m[6], vec out[4]) {
  vec sum = m[1] + m[2], difference = m[1] - m[2];
  vec sum2 = m[3] + m[4], difference2 = m[3] - m[4];
  out[0] = m[0] + sum + sum2;
  out[1] = A * difference + B * difference2;
  out[2] = A * A * sum + B * B * sum2;
  out[3] = A * A * A * difference + B * B * B * difference2 + m[5];
}

#undef A
#undef B

INLINE void transform_input(const bool inside, long channels, const float *patch, long row_stride, long top,
                            long bottom, long left, long right, float *points, long point_stride) {
  for (long channel = 0; channel < channels; channel += LANES) {
    vec half[6][6]; // [point row][patch column]
    UNROLL for (int x = 0; x < 6; x++) {
      vec d[6], out[6];
      UNROLL for (int y = 0; y < 6; y++) {
        bool there = inside || (y >= top && y < bottom && x >= left && x < right);
        d[y] = there ? load(patch + y * row_stride + x * channels + channel) : splat(0);
      }
      input_line(d, out);
      UNROLL for (int y = 0; y < 6; y++) half[y][x] = out[y];
    }
    UNROLL for (int y = 0; y < 6; y++) {
      vec out[6];
      input_line(half[y], out);
      UNROLL for (int x = 0; x < 6; x++) store(points + (6 * y + x) * point_stride + channel, out[x]);
    }
  }
}

static void winograd_input(long channels, const float *patch, long row_stride, long top, long bottom, long left,
                           long right, float *points, long point_stride) {
  if (top == 0 && bottom == 6 && left == 0 && right == 6)
    transform_input(true, channels, patch, row_stride, 0, 6, 0, 6, points, point_stride);
  else transform_input(false, channels, patch, row_stride, top, bottom, left, right, points, point_stride);
}

INLINE void transform_output(const bool whole, long channels, const float *points, long point_stride, float *to,
                             long row_stride, long rows, long columns, ck_epilogue epilogue) {
  for (long channel = 0; channel < channels; channel += LANES) {
    vec half[4][6];
    UNROLL for (int x = 0; x < 6; x++) {
      vec m[6], out[4];
      UNROLL for (int y = 0; y < 6; y++) m[y] = load(points + (6 * y + x) * point_stride + channel);
      output_line(m, out);
      UNROLL for (int y = 0; y < 4; y++) half[y][x] = out[y];
    }
    vec bias = epilogue.bias ? load(epilogue.bias + channel) : splat(0);
    UNROLL for (int y = 0; y < 4; y++) {
      vec out[4];
      output_line(half[y], out);
      UNROLL for (int x = 0; x < 4; x++) {
        if (!whole && (y >= rows || x >= columns)) continue;
        long offset = y * row_stride + x * channels + channel;
        vec value = out[x] + bias;
        if (epilogue.relu) value = value > 0 ? value : 0;
        if (epilogue.addend) value += load(epilogue.addend + offset);
        if (epilogue.mask) value = load(epilogue.mask + offset) > 0 ? value : 0;
        store(to + offset, value);
      }
    }
  }
}

static void winograd_output(long channels, const float *points, long point_stride, float *to, long row_stride,
                            long rows, long columns, ck_epilogue epilogue) {
  if (rows >= 4 && columns >= 4)
    transform_output(true, channels, points, point_stride, to, row_stride, 4, 4, epilogue);
  else transform_output(false, channels, points, point_stride, to, row_stride, rows, columns, epilogue);
}

#define KERNELS(NAME)                                                                                                 \
  {.name = NAME,                                                                                                      \
   .panel_columns = PANEL,                                                                                            \
   .channel_multiple = PANEL,                                                                                         \
   .multiply = multiply,                                                                                              \
   .gram = gram,                                                                                                      \
   .winograd_input = winograd_input,                                                                                  \
   .winograd_output = winograd_output}
