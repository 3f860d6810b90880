// Compares each kernel variant that this processor supports with its definition in double
// precision. The tests are in C, which is easy to cross-compile and run under emulation; see the
// Makefile.

#include "CKernels.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int failures = 0;
static const ck_kernels *kernels;

static float uniform(void) {
  static uint64_t state = 1;
  state = state * 6364136223846793005u + 1442695040888963407u;
  return (float)(state >> 40) / (1 << 23) - 1;
}

static float *random_floats(long count) {
  float *values = malloc((size_t)count * sizeof *values);
  for (long i = 0; i < count; i++) values[i] = uniform();
  return values;
}

static double *zeros(long count) { return calloc((size_t)count, sizeof(double)); }

// The largest difference, relative to the largest expected value.
static void expect(const char *what, const float *actual, const double *expected, long count, double tolerance) {
  double largest = 0, error = 0;
  for (long i = 0; i < count; i++) {
    largest = fmax(largest, fabs(expected[i]));
    double difference = fabs(actual[i] - expected[i]);
    // fmax ignores NaN.
    error = difference <= error ? error : isnan(difference) ? INFINITY : difference;
  }
  if (error <= tolerance * largest) return;
  printf("%s: %s is off by %.2g of %.2g\n", kernels->name, what, error, largest);
  failures++;
}

// MARK: Matrices

static long padded_columns(long columns) {
  long panel = kernels->panel_columns;
  return (columns + panel - 1) / panel * panel;
}

static float *packed(const float *matrix, long depth, long columns) {
  long panel = kernels->panel_columns;
  float *result = calloc((size_t)(depth * padded_columns(columns)), sizeof *result), *to = result;
  for (long start = 0; start < depth; start += CK_DEPTH_BLOCK)
    for (long column = 0; column < columns; column += panel)
      for (long row = start; row < depth && row < start + CK_DEPTH_BLOCK; row++, to += panel)
        for (long j = 0; j < panel && column + j < columns; j++) to[j] = matrix[row * columns + column + j];
  return result;
}

static void test_multiply(long rows, long columns, long depth) {
  float *a = random_floats(rows * depth), *b = random_floats(depth * columns), *c = random_floats(rows * columns);
  double *expected = zeros(rows * columns);
  for (int accumulate = 0; accumulate < 2; accumulate++) {
    for (long i = 0; i < rows; i++)
      for (long j = 0; j < columns; j++) {
        double sum = accumulate ? c[i * columns + j] : 0;
        for (long p = 0; p < depth; p++) sum += (double)a[i * depth + p] * b[p * columns + j];
        expected[i * columns + j] = sum;
      }
    float *right = packed(b, depth, columns);
    kernels->multiply(rows, columns, depth, a, depth, right, c, columns, accumulate);
    free(right);
    char what[80];
    snprintf(what, sizeof what, "[%ld x %ld] * [%ld x %ld]%s", rows, depth, depth, columns, accumulate ? " added" : "");
    expect(what, c, expected, rows * columns, 1e-5);
  }
  free(a), free(b), free(c), free(expected);
}

static void test_gram(long positions, long channels) {
  float *f = random_floats(positions * channels), *sum = calloc((size_t)(channels * channels), sizeof *sum);
  double *expected = zeros(channels * channels);
  float *upper = calloc((size_t)(channels * channels), sizeof *upper);
  kernels->gram(positions, channels, f, sum);
  for (long i = 0; i < channels; i++)
    for (long j = i; j < channels; j++) {
      upper[i * channels + j] = sum[i * channels + j];
      for (long p = 0; p < positions; p++)
        expected[i * channels + j] += (double)f[p * channels + i] * f[p * channels + j];
    }
  expect("gram", upper, expected, channels * channels, 1e-5);
  free(f), free(sum), free(expected), free(upper);
}

// Rows of b overlap if they are closer to each other than their length.
static void test_cross(long positions, long rows, long columns, long stride) {
  float *a = random_floats(positions * rows), *b = random_floats(positions * stride + columns);
  float *sum = random_floats(rows * columns);
  double *expected = zeros(rows * columns);
  for (long i = 0; i < rows; i++)
    for (long j = 0; j < columns; j++) {
      double product = sum[i * columns + j];
      for (long p = 0; p < positions; p++) product += (double)a[p * rows + i] * b[p * stride + j];
      expected[i * columns + j] = product;
    }
  kernels->cross(positions, rows, columns, a, b, stride, sum);
  char what[80];
  snprintf(what, sizeof what, "cross of %ld positions, [%ld x %ld]", positions, rows, columns);
  expect(what, sum, expected, rows * columns, 1e-5);
  free(a), free(b), free(sum), free(expected);
}

// MARK: Winograd

// The factors of `ck_winograd.weights`.
static void weight_lines(long tile, double lines[8][3]) {
  double points4[] = {0, 0.75, -0.75, 1.5, -1.5}, points6[] = {0, 0.5, -0.5, 1, -1, 2, -2};
  double *points = tile == 4 ? points4 : points6;
  long n = tile + 2;
  for (long i = 0; i < n; i++) {
    double norm = 1;
    for (long j = 0; j + 1 < n; j++)
      if (i + 1 < n && j != i) norm *= points[i] - points[j];
    for (int k = 0; k < 3; k++) lines[i][k] = i + 1 < n ? pow(points[i], k) / norm : k == 2;
  }
}

// Transforms weights of [outputs][inputs][3][3] to consecutive packed matrices, one per point.
static float *transformed(const float *weights, long inputs, long outputs, long tile) {
  double lines[8][3];
  weight_lines(tile, lines);
  long n = tile + 2, size = inputs * padded_columns(outputs);
  float *result = malloc((size_t)(n * n * size) * sizeof *result);
  float *matrix = malloc((size_t)(inputs * outputs) * sizeof *matrix);
  for (long y = 0; y < n; y++)
    for (long x = 0; x < n; x++) {
      for (long c = 0; c < inputs; c++)
        for (long k = 0; k < outputs; k++) {
          double sum = 0;
          for (int i = 0; i < 3; i++)
            for (int j = 0; j < 3; j++) sum += lines[y][i] * lines[x][j] * weights[((k * inputs + c) * 3 + i) * 3 + j];
          matrix[c * outputs + k] = (float)sum;
        }
      float *right = packed(matrix, inputs, outputs);
      memcpy(result + (y * n + x) * size, right, (size_t)size * sizeof *right);
      free(right);
    }
  free(matrix);
  return result;
}

static bool bit(const uint8_t *bits, long index) { return bits[index / 8] >> index % 8 & 1; }

static void test_weights(const ck_winograd *winograd) {
  long inputs = 2, outputs = kernels->panel_columns, n = winograd->tile_size + 2, size = inputs * outputs;
  float *weights = random_floats(9 * size), *expected = transformed(weights, inputs, outputs, n - 2);
  float *points = malloc((size_t)(n * n * size) * sizeof *points), *taps = malloc((size_t)(9 * outputs) * sizeof *taps);
  double lines[8][3], *there = zeros(n * n * size);
  weight_lines(n - 2, lines);
  for (long i = 0; i < inputs; i++) {
    for (long tap = 0; tap < 9; tap++)
      for (long k = 0; k < outputs; k++) taps[tap * outputs + k] = weights[(k * inputs + i) * 9 + tap];
    winograd->weights(*lines, taps, points + i * outputs, size);
  }
  for (long i = 0; i < n * n * size; i++) there[i] = expected[i];
  expect("transformed weights", points, there, n * n * size, 1e-7);
  free(weights), free(expected), free(points), free(taps), free(there);
}

// Tests one tile of a convolution with every variant of the transforms.
static void test_winograd(const ck_winograd *winograd, long inputs, long outputs) {
  long m = winograd->tile_size, n = m + 2;
  float *weights = random_floats(9 * inputs * outputs), *bias = random_floats(outputs);
  float *matrices = transformed(weights, inputs, outputs, m);
  float *patch = random_floats(n * n * inputs);
  float *points = malloc((size_t)(n * n * inputs) * sizeof *points);
  float *products = malloc((size_t)(n * n * outputs) * sizeof *products);
  double *plain = zeros(m * m * outputs), *expected = zeros(m * m * outputs);
  double tolerance = m == 4 ? 1e-5 : 5e-5;
  char what[80];

  // Patches that begin in the last row and column of pooled windows.
  long windows = n / 2 + 1;
  float *gradient = random_floats(windows * windows * inputs);
  uint8_t *bits = malloc((size_t)(n * n * inputs / 8));
  for (long i = 0; i < n * n * inputs / 8; i++) bits[i] = (uint8_t)(128 * (uniform() + 1));

  for (int unpooled = 0; unpooled < 2; unpooled++) {
    if (unpooled) {
      for (long y = 0; y < n; y++)
        for (long x = 0; x < n; x++) {
          long place = (y * n + x) * inputs;
          const float *from = gradient + ((y + 1) / 2 * windows + (x + 1) / 2) * inputs;
          for (long c = 0; c < inputs; c++) patch[place + c] = bit(bits, place + c) ? 0.25f * from[c] : 0;
          float *alone = malloc((size_t)inputs * sizeof *alone);
          kernels->unpool(inputs, from, bits + place / 8, 0.25f, alone);
          double *there = zeros(inputs);
          for (long c = 0; c < inputs; c++) there[c] = patch[place + c];
          expect("unpool", alone, there, inputs, 1e-7);
          free(alone), free(there);
        }
      winograd->input_unpooled(inputs, gradient, windows * inputs, bits, n * inputs / 8, 0.25f, points, inputs);
    } else winograd->input(inputs, patch, n * inputs, points, inputs);

    for (long y = 0; y < m; y++)
      for (long x = 0; x < m; x++)
        for (long k = 0; k < outputs; k++) {
          double sum = 0;
          for (int i = 0; i < 3; i++)
            for (int j = 0; j < 3; j++)
              for (long c = 0; c < inputs; c++)
                sum += (double)weights[((k * inputs + c) * 3 + i) * 3 + j] * patch[((y + i) * n + x + j) * inputs + c];
          plain[(y * m + x) * outputs + k] = sum;
        }
    long size = inputs * padded_columns(outputs);
    for (long point = 0; point < n * n; point++)
      kernels->multiply(1, outputs, inputs, points + point * inputs, inputs, matrices + point * size,
                        products + point * outputs, outputs, false);

    float *tile = random_floats(m * m * outputs);
    winograd->output(outputs, products, outputs, tile, m * outputs, m, m, (ck_epilogue){0});
    snprintf(what, sizeof what, "F(%ld)%s", m, unpooled ? " of an unpooled patch" : "");
    expect(what, tile, plain, m * m * outputs, tolerance);
    free(tile);
  }

  // All steps of an epilogue, on tiles that extend beyond the map on zero, one or two sides.
  float *addend = random_floats(m * m * outputs), *mask = random_floats(m * m * outputs);
  uint8_t *mask_bits = malloc((size_t)(m * m * outputs / 8)), *signs = malloc((size_t)(m * m * outputs / 8));
  for (long i = 0; i < m * m * outputs / 8; i++) mask_bits[i] = (uint8_t)(128 * (uniform() + 1));
  for (long rows = 1; rows <= m; rows++) {
    long columns = m + 1 - rows;
    float *tile = random_floats(m * m * outputs);
    memset(signs, 0, (size_t)(m * m * outputs / 8));
    for (long i = 0; i < m * m * outputs; i++) {
      bool there = i / outputs / m < rows && i / outputs % m < columns;
      double value = fmax(plain[i] + bias[i % outputs], 0) + addend[i];
      expected[i] = !there ? tile[i] : mask[i] > 0 && bit(mask_bits, i) ? value : 0;
    }
    ck_epilogue epilogue = {bias, true, signs, addend, m * outputs, mask, mask_bits};
    winograd->output(outputs, products, outputs, tile, m * outputs, rows, columns, epilogue);
    expect("epilogue", tile, expected, m * m * outputs, tolerance);
    for (long y = 0; y < rows; y++)
      for (long x = 0; x < columns; x++)
        for (long k = 0; k < outputs; k++) {
          long i = (y * m + x) * outputs + k;
          double value = plain[i] + bias[k];
          if (fabs(value) > 1e-3 && bit(signs, i) != (value > 0)) {
            printf("%s: a sign is wrong\n", kernels->name);
            failures++;
          }
        }
    free(tile);
  }

  // Mean and max pooling.
  for (int largest = 0; largest < 2; largest++)
    for (long rows = m - 1; rows <= m; rows++) {
      long half = m / 2;
      float *pooled = random_floats(half * half * outputs);
      double *means = zeros(half * half * outputs);
      memset(signs, 0, (size_t)(m * m * outputs / 8));
      winograd->output_pooled(outputs, products, outputs, bias, largest, pooled, half * outputs, signs,
                              m * outputs / 8, rows, m);
      for (long y = 0; y < half; y++)
        for (long x = 0; x < half; x++)
          for (long k = 0; k < outputs; k++) {
            long to = (y * half + x) * outputs + k;
            double sum = 0, top = 0;
            for (long i = 0; i < 4; i++) {
              double value = fmax(plain[((2 * y + i / 2) * m + 2 * x + i % 2) * outputs + k] + bias[k], 0);
              sum += value / 4;
              top = fmax(top, value);
            }
            bool dropped = 2 * y + 1 >= rows;
            means[to] = dropped ? pooled[to] : largest ? top : sum;
            for (long i = 0; i < 4 && !dropped; i++) {
              long place = ((2 * y + i / 2) * m + 2 * x + i % 2) * outputs + k;
              double value = plain[place] + bias[k];
              bool reached = value > 0 && (!largest || value == top);
              if (fabs(value) > 1e-3 && bit(signs, place) != reached) {
                printf("%s: a pooled value's bit is wrong\n", kernels->name);
                failures++;
              }
            }
          }
      expect("pooled", pooled, means, half * half * outputs, tolerance);
      free(pooled), free(means);
    }
  free(weights), free(bias), free(matrices), free(patch), free(points), free(products), free(plain), free(expected);
  free(gradient), free(bits), free(addend), free(mask), free(mask_bits), free(signs);
}

// MARK: bfloat16

static float bfloat16(uint16_t bits) {
  uint32_t single = (uint32_t)bits << 16;
  float value;
  memcpy(&value, &single, sizeof value);
  return value;
}

// The nearest bfloat16, ties to even, by comparing the distances of the two neighbors.
static uint16_t nearest_bfloat16(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  uint16_t inner = (uint16_t)(bits >> 16), outer = (uint16_t)(inner + 1);
  double below = fabs((double)value - bfloat16(inner)), above = fabs((double)bfloat16(outer) - value);
  return below < above || (below == above && inner % 2 == 0) ? inner : outer;
}

static uint16_t *random_bfloat16(long count) {
  uint16_t *values = malloc((size_t)count * sizeof *values);
  for (long i = 0; i < count; i++) values[i] = nearest_bfloat16(uniform());
  return values;
}

// Every variant must round each sum exactly as documented. A panel that is not full is added later.
static void test_multiply_pairs(long rows, long columns, long depth) {
  uint16_t *a = random_bfloat16(rows * depth), *b = random_bfloat16(depth * columns);
  float *interleaved = malloc((size_t)(depth * columns / 2) * sizeof *interleaved);
  for (long p = 0; p < depth; p++)
    for (long j = 0; j < columns; j++) ((uint16_t *)interleaved)[(p / 2 * columns + j) * 2 + p % 2] = b[p * columns + j];
  float *right = packed(interleaved, depth / 2, columns);
  float *c = random_floats(rows * columns);
  double *expected = zeros(rows * columns);
  for (int accumulate = 0; accumulate < 2; accumulate++) {
    for (long i = 0; i < rows; i++)
      for (long j = 0; j < columns; j++) {
        // A volatile variable rounds every step to single precision.
        volatile float sum = accumulate ? c[i * columns + j] : 0;
        for (long p = 0; p < depth; p += 2)
          for (long k = p + 1; k >= p; k--) {
            volatile float term = bfloat16(a[i * depth + k]) * bfloat16(b[k * columns + j]);
            sum = sum + term;
          }
        expected[i * columns + j] = sum;
      }
    kernels->bfloat16->multiply(rows, columns, depth / 2, (const float *)a, depth / 2, right, c, columns, accumulate);
    char what[80];
    snprintf(what, sizeof what, "pairs of [%ld x %ld] * [%ld x %ld]", rows, depth, depth, columns);
    expect(what, c, expected, rows * columns, columns % kernels->panel_columns ? 1e-6 : 0);
  }
  free(a), free(b), free(interleaved), free(right), free(c), free(expected);
}

static void expect_rounded(const char *what, const float *points, const float *pairs, long count) {
  for (long i = 0; i < count; i++) {
    uint16_t rounded = ((const uint16_t *)pairs)[i];
    if (isnan(points[i]) ? isnan(bfloat16(rounded)) : rounded == nearest_bfloat16(points[i])) continue;
    printf("%s: %s of %.9g is rounded to %.9g\n", kernels->name, what, points[i], bfloat16(rounded));
    failures++;
    return;
  }
}

static void test_rounded_points(long channels) {
  const ck_winograd *exact = &kernels->winograd_4, *rounding = &kernels->bfloat16->winograd_4;
  long n = exact->tile_size + 2, windows = n / 2 + 1, count = n * n * channels;
  float *patch = random_floats(count), *gradient = random_floats(windows * windows * channels);
  uint8_t *bits = malloc((size_t)(count / 8));
  for (long i = 0; i < count / 8; i++) bits[i] = (uint8_t)(128 * (uniform() + 1));
  // The last point of a patch with a single value in its last corner is that value.
  const float special[] = {1 + 0x1p-8f, 1 + 3 * 0x1p-8f, 1 + 0x1.8p-8f, -1 - 0x1p-8f, NAN};
  for (long y = 0; y < n; y++)
    for (long x = 0; x < n; x++)
      for (long i = 0; i < 5; i++) patch[(y * n + x) * channels + i] = y + 1 == n && x + 1 == n ? special[i] : 0;
  float *points = malloc((size_t)count * sizeof *points), *pairs = malloc((size_t)(count / 2) * sizeof *pairs);
  exact->input(channels, patch, n * channels, points, channels);
  rounding->input(channels, patch, n * channels, pairs, channels / 2);
  expect_rounded("a point", points, pairs, count);
  exact->input_unpooled(channels, gradient, windows * channels, bits, n * channels / 8, 0.25f, points, channels);
  rounding->input_unpooled(channels, gradient, windows * channels, bits, n * channels / 8, 0.25f, pairs, channels / 2);
  expect_rounded("a point of an unpooled patch", points, pairs, count);
  free(patch), free(gradient), free(bits), free(points), free(pairs);
}

static void test_rounded_weights(void) {
  long outputs = kernels->panel_columns;
  float *taps = random_floats(2 * 9 * outputs), *pairs = malloc((size_t)(36 * outputs) * sizeof *pairs);
  float *points = malloc((size_t)(36 * outputs) * sizeof *points);
  float *ordered = malloc((size_t)(36 * outputs) * sizeof *ordered);
  double lines[8][3];
  weight_lines(4, lines);
  kernels->bfloat16->winograd_4.weights(*lines, taps, pairs, outputs);
  for (long i = 0; i < 2; i++) {
    kernels->winograd_4.weights(*lines, taps + i * 9 * outputs, points, outputs);
    for (long j = 0; j < 36 * outputs; j++) ((uint16_t *)ordered)[j] = ((uint16_t *)pairs)[2 * j + i];
    expect_rounded("a weight", points, ordered, 36 * outputs);
  }
  free(taps), free(pairs), free(points), free(ordered);
}

static void test_finish(long positions, long channels) {
  long count = positions * channels;
  float *values = random_floats(count), *bias = random_floats(channels), *addend = random_floats(count);
  float *mask = random_floats(count);
  double *expected = zeros(count);
  for (long i = 0; i < count; i++)
    expected[i] = mask[i] > 0 ? fmax((double)values[i] + bias[i % channels], 0) + addend[i] : 0;
  kernels->finish(positions, channels, values, (ck_epilogue){.bias = bias, .relu = true, .addend = addend, .mask = mask});
  expect("finish", values, expected, count, 1e-6);
  free(values), free(bias), free(addend), free(mask), free(expected);
}

static void test_vectors(long count) {
  float *a = random_floats(count), *b = random_floats(count), sums[2] = {0};
  double expected[2] = {0}, *scaled = zeros(count);
  sums[0] = kernels->dot(count, a, b);
  sums[1] = kernels->squared_distance(count, a, b);
  for (long i = 0; i < count; i++) {
    expected[0] += (double)a[i] * b[i];
    expected[1] += ((double)a[i] - b[i]) * ((double)a[i] - b[i]);
    scaled[i] = a[i] + 0.3 * b[i];
  }
  expect("dot and squared_distance", sums, expected, 2, 1e-5);
  kernels->add_scaled(count, a, 0.3f, b, a);
  expect("add_scaled", a, scaled, count, 1e-6);
  free(a), free(b), free(scaled);
}

// The product of the points of a tile's adjoint with other points is that of the tile with their outputs.
static void test_adjoint(const ck_winograd *winograd, long channels, long rows, long columns) {
  long m = winograd->tile_size, n = m + 2;
  if (rows > m) rows = m;
  if (columns > m) columns = m;
  float *tile = random_floats(m * m * channels), *points = random_floats(n * n * channels);
  float *adjoint = malloc((size_t)(n * n * channels) * sizeof *adjoint);
  float *outputs = malloc((size_t)(m * m * channels) * sizeof *outputs), *products = random_floats(channels);
  double *expected = zeros(channels);
  winograd->adjoint(channels, tile, m * channels, rows, columns, adjoint, channels);
  winograd->output(channels, points, channels, outputs, m * channels, rows, columns, (ck_epilogue){0});
  for (long c = 0; c < channels; c++) {
    double sum = 0;
    for (long point = 0; point < n * n; point++) sum += (double)adjoint[point * channels + c] * points[point * channels + c];
    products[c] = (float)sum;
    for (long y = 0; y < rows; y++)
      for (long x = 0; x < columns; x++)
        expected[c] += (double)tile[(y * m + x) * channels + c] * outputs[(y * m + x) * channels + c];
  }
  char what[80];
  snprintf(what, sizeof what, "adjoint of F(%ld), %ldx%ld", m, rows, columns);
  expect(what, products, expected, channels, 1e-5);
  free(tile), free(points), free(adjoint), free(outputs), free(products), free(expected);
}

static void test_norm(long positions, long channels) {
  long count = positions * channels;
  float *x = random_floats(count), *gradient = random_floats(count), *means = random_floats(channels);
  float *scale = random_floats(channels), *constant = random_floats(channels), *slope = random_floats(channels);
  float *to = random_floats(count), *adding = malloc((size_t)count * sizeof *adding);
  double *sums = zeros(2 * channels), *expected = zeros(count), *sum = zeros(count), *sums_expected = zeros(2 * channels);
  memcpy(adding, to, (size_t)count * sizeof *to);
  kernels->norm_sums(positions, channels, x, gradient, means, scale, sums, sums + channels);
  for (long i = 0; i < count; i++) {
    long c = i % channels;
    sums_expected[c] += gradient[i];
    sums_expected[channels + c] += (double)gradient[i] * (((double)x[i] - means[c]) * scale[c]);
    expected[i] = scale[c] * ((double)gradient[i] - constant[c] - ((double)x[i] - means[c]) * slope[c]);
    sum[i] = to[i] + expected[i];
  }
  float *floats = malloc((size_t)(2 * channels) * sizeof *floats);
  for (long i = 0; i < 2 * channels; i++) floats[i] = (float)sums[i];
  expect("sums of a norm", floats, sums_expected, 2 * channels, 1e-6);
  kernels->norm_gradient(positions, channels, x, gradient, means, scale, constant, slope, false, to);
  expect("gradient of a norm", to, expected, count, 1e-6);
  kernels->norm_gradient(positions, channels, x, gradient, means, scale, constant, slope, true, adding);
  expect("added gradient of a norm", adding, sum, count, 1e-6);
  free(x), free(gradient), free(means), free(scale), free(constant), free(slope), free(to), free(adding);
  free(sums), free(expected), free(sum), free(sums_expected), free(floats);
}

int main(void) {
  const ck_kernels *all[] = {ck_kernels_plain(),  ck_kernels_plain_bf16(),  ck_kernels_avx2(),
                             ck_kernels_avx512(), ck_kernels_avx512_bf16(), ck_kernels_neon()};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
    kernels = all[i];
    if (!kernels) continue;
    int before = failures;
    for (long rows = 1; rows <= 26; rows++) test_multiply(rows, 70, 19);
    test_multiply(40, 3, 600);
    test_multiply(13, 64, 256);
    test_multiply(13, 65, 257);
    long multiple = kernels->channel_multiple;
    for (long positions = 1; positions < 600; positions += 137) test_gram(positions, 3 * multiple);
    test_gram(50, multiple);
    test_gram(0, multiple);
    for (long rows = 1; rows <= 26; rows++) test_cross(19, rows, 70, 70);
    for (long positions = 1; positions < 600; positions += 137) test_cross(positions, 13, 2 * multiple, 2 * multiple);
    test_cross(256, 3, 1, 1);
    test_cross(257, 1, 27, 3);
    test_cross(31, 3, 9 * multiple, multiple);
    for (long rows = 1; rows <= 6; rows++) {
      test_adjoint(&kernels->winograd_4, multiple, rows, 7 - rows);
      test_adjoint(&kernels->winograd_6, 2 * multiple, rows, 7 - rows);
    }
    for (long channels = 1; channels < 40; channels += 6) test_norm(7, channels);
    test_weights(&kernels->winograd_4);
    test_weights(&kernels->winograd_6);
    test_winograd(&kernels->winograd_4, multiple, 2 * multiple);
    test_winograd(&kernels->winograd_6, 3 * multiple, multiple);
    if (kernels->bfloat16) {
      for (long rows = 1; rows <= 26; rows++) test_multiply_pairs(rows, 96, 38);
      test_multiply_pairs(13, 64, 512);
      test_multiply_pairs(13, 64, 1026);
      test_multiply_pairs(13, 65, 514);
      test_rounded_points(2 * multiple);
      test_rounded_weights();
    }
    for (long count = 1; count < 2000; count += 111) test_vectors(count);
    for (long channels = 1; channels < 40; channels += 6) test_finish(5, channels);
    printf("%s: %s\n", kernels->name, failures > before ? "failed" : "passed");
  }
  return failures > 0;
}
