#include "CHDF5.h"

// Selects the types of version 1.10 in newer versions.
#define H5_USE_110_API
#include <hdf5.h>
#include <string.h>

chdf5_file chdf5_open(const char *path) {
  H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
  H5PLset_loading_state(0);
  return H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
}

void chdf5_close(chdf5_file file) { H5Fclose(file); }

/// Whether the numbers are stored in the file itself.
static bool is_inside(hid_t dataset) {
  hid_t properties = H5Dget_create_plist(dataset);
  if (properties < 0) return false;
  bool inside = H5Pget_external_count(properties) == 0 && H5Pget_layout(properties) != H5D_VIRTUAL;
  H5Pclose(properties);
  return inside;
}

/// Describes a dataset. Returns false if it is not an array of floating-point numbers.
static bool describe(hid_t dataset, chdf5_array *array) {
  hid_t type = H5Dget_type(dataset);
  bool fits = type >= 0 && H5Tget_class(type) == H5T_FLOAT && is_inside(dataset);
  if (type >= 0) H5Tclose(type);
  hid_t space = fits ? H5Dget_space(dataset) : -1;
  if (space < 0) return false;
  array->dimensions = H5Sget_simple_extent_ndims(space);
  fits = array->dimensions >= 0 && array->dimensions <= CHDF5_MOST_DIMENSIONS;
  hsize_t lengths[CHDF5_MOST_DIMENSIONS] = {0};
  if (fits) fits = H5Sget_simple_extent_dims(space, lengths, NULL) >= 0;
  for (int i = 0; fits && i < array->dimensions; i++) array->lengths[i] = lengths[i];
  H5Sclose(space);
  return fits;
}

typedef struct {
  void (*visit)(const chdf5_array *array, void *context);
  void *context;
  long objects;
} visitor;

/// Whether an object is nested deeper than those of any network. The library takes quadratic time.
static bool is_too_deep(const char *name) {
  int depth = 0;
  for (; *name; name++) depth += *name == '/';
  return depth >= CHDF5_MOST_DEPTH;
}

static herr_t visit_object(hid_t group, const char *name, const H5O_info_t *info, void *data) {
  if (++((visitor *)data)->objects > CHDF5_MOST_OBJECTS || is_too_deep(name)) return -1;
  if (info->type != H5O_TYPE_DATASET) return 0;
  hid_t dataset = H5Dopen2(group, name, H5P_DEFAULT);
  if (dataset < 0) return 0;
  chdf5_array array = {.name = name};
  visitor *visitor = data;
  if (describe(dataset, &array)) visitor->visit(&array, visitor->context);
  H5Dclose(dataset);
  return 0;
}

bool chdf5_visit(chdf5_file file, void (*visit)(const chdf5_array *array, void *context), void *context) {
  visitor visitor = {visit, context, 0};
  return H5Ovisit2(file, H5_INDEX_NAME, H5_ITER_NATIVE, visit_object, &visitor, H5O_INFO_BASIC) >= 0;
}

bool chdf5_read(chdf5_file file, const char *name, float *values, size_t count) {
  hid_t dataset = H5Dopen2(file, name, H5P_DEFAULT);
  if (dataset < 0) return false;
  chdf5_array array;
  bool done = describe(dataset, &array);
  hid_t space = done ? H5Dget_space(dataset) : -1;
  done = space >= 0 && (size_t)H5Sget_simple_extent_npoints(space) == count &&
         H5Dread(dataset, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0;
  if (space >= 0) H5Sclose(space);
  H5Dclose(dataset);
  return done;
}

/// Copies a text of fixed or variable length.
static bool read_text(hid_t attribute, hid_t type, char *text, size_t size) {
  if (H5Tis_variable_str(type) > 0) {
    char *value = NULL;
    hid_t memory = H5Tcopy(H5T_C_S1);
    H5Tset_size(memory, H5T_VARIABLE);
    H5Tset_cset(memory, H5Tget_cset(type));
    bool done = H5Aread(attribute, memory, &value) >= 0 && value;
    if (done) strncat(text, value, size - 1);
    H5free_memory(value);
    H5Tclose(memory);
    return done;
  }
  if (H5Tget_size(type) >= size) return false;
  return H5Aread(attribute, type, text) >= 0;
}

bool chdf5_attribute(chdf5_file file, const char *object, const char *name, char *text, size_t size) {
  memset(text, 0, size);
  if (H5Aexists_by_name(file, object, name, H5P_DEFAULT) <= 0) return false;
  hid_t attribute = H5Aopen_by_name(file, object, name, H5P_DEFAULT, H5P_DEFAULT);
  if (attribute < 0) return false;
  hid_t type = H5Aget_type(attribute);
  hid_t space = H5Aget_space(attribute);
  bool done = type >= 0 && space >= 0 && H5Tget_class(type) == H5T_STRING &&
              H5Sget_simple_extent_npoints(space) == 1 && read_text(attribute, type, text, size);
  if (space >= 0) H5Sclose(space);
  if (type >= 0) H5Tclose(type);
  H5Aclose(attribute);
  return done;
}
