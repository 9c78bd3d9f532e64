/* Samoyed's C interface.
 *
 * samoyed_get_api(SAMOYED_API_VERSION) returns a table of functions that only ever grows: a program compiled against
 * an older table runs with every newer library. Handles are opaque and freed by the function beside their maker. Every call
 * that can fail returns a status: null for success, else an object with a code, a message and the place (free it).
 * A session may be used from any number of threads at once; a value or an options object by one at a time.
 */
#ifndef SAMOYED_SAMOYED_H_
#define SAMOYED_SAMOYED_H_

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define SAMOYED_EXPORT __attribute__((visibility("default")))
#else
#define SAMOYED_EXPORT
#endif

#define SAMOYED_API_VERSION 1

typedef struct samoyed_status samoyed_status;
typedef struct samoyed_options samoyed_options;
typedef struct samoyed_session samoyed_session;
typedef struct samoyed_value samoyed_value;
typedef struct samoyed_text samoyed_text;
typedef struct samoyed_cancel samoyed_cancel;

/* Also the exit codes of the command line. */
typedef enum samoyed_code {
  SAMOYED_OK = 0,
  SAMOYED_FAILED_CHECK = 1, /* a comparison or verification came out negative */
  SAMOYED_USAGE = 2,        /* the caller's mistake: unknown name, option out of range */
  SAMOYED_UNSUPPORTED = 3,  /* valid, but this build cannot do it */
  SAMOYED_LIMIT = 4,        /* over the memory budget, the deadline or a structural limit */
  SAMOYED_BAD_INPUT = 5,    /* the bytes are not what they claim to be */
  SAMOYED_INTERNAL = 6
} samoyed_code;

/* Bytes of a run: weights used in place, packed weights, activations and scratch, outputs. */
typedef struct samoyed_memory {
  int64_t constants, packed, arena, outputs;
  int32_t exact; /* 0 when some shapes depend on the data */
} samoyed_memory;

struct samoyed_pixels; /* of image.h: what a codec fills */

/* What decodes pictures for the operator ImageDecoder: samoyed_image_decode and samoyed_image_free of image.h, or functions like them. */
typedef struct samoyed_image_codec {
  int (*decode)(const void* bytes, size_t size, struct samoyed_pixels* out, char* message, size_t message_size);
  void (*free)(void* rgb);
} samoyed_image_codec;

/* Functions that make an object and return no status give null when memory ran out. */
typedef struct samoyed_api {
  uint32_t version; /* of this table */
  const char* (*version_string)(void);

  /* status */
  samoyed_code (*status_code)(const samoyed_status*); /* null: SAMOYED_OK */
  const char* (*status_message)(const samoyed_status*); /* "node 'x': what went wrong"; "" for null */
  void (*status_free)(samoyed_status*);

  /* text that the library made */
  const char* (*text_data)(const samoyed_text*); /* NUL-terminated */
  size_t (*text_size)(const samoyed_text*);
  void (*text_free)(samoyed_text*);

  /* options, by name: "providers" ("cpu,reference"), "threads", "optimize" (0 or 1), "disable" (passes, comma-separated), "strict",
   * "precision" ("fast", or "strict": no faster algorithm that rounds more), "max_memory" (bytes), "timeout_ms", "seed",
   * "dim:NAME" (a number for a symbolic dimension) */
  samoyed_options* (*options_create)(void);
  samoyed_status* (*options_set)(samoyed_options*, const char* name, const char* value);
  void (*options_free)(samoyed_options*);

  /* sessions; options may be null */
  samoyed_status* (*session_load)(const char* path, const samoyed_options*, samoyed_session** out);
  samoyed_status* (*session_load_bytes)(const void* data, size_t size, const samoyed_options*, samoyed_session** out); /* copies */
  void (*session_free)(samoyed_session*);
  size_t (*session_num_inputs)(const samoyed_session*);
  size_t (*session_num_outputs)(const samoyed_session*);
  const char* (*session_input_name)(const samoyed_session*, size_t i);
  const char* (*session_output_name)(const samoyed_session*, size_t i);
  const char* (*session_input_type)(const samoyed_session*, size_t i); /* "tensor(float)[1,3,"h",?]"; "?" when unknown */
  const char* (*session_output_type)(const samoyed_session*, size_t i);
  int32_t (*session_input_has_default)(const samoyed_session*, size_t i);
  const char* (*session_metadata)(const samoyed_session*, const char* key); /* null when absent */
  const char* (*session_placement)(const samoyed_session*); /* one line: what runs where */
  samoyed_text* (*session_nodes_json)(const samoyed_session*); /* array of {node, op, provider, kernel, reason, flops, inputs, outputs} in order of execution */
  samoyed_status* (*session_memory)(const samoyed_session*, samoyed_memory* out); /* for the declared shapes, 1 for what has no number */

  /* values */
  samoyed_status* (*tensor_create)(int32_t dtype, const int64_t* dims, size_t rank, const void* data, size_t size, samoyed_value** out); /* copies; dtype as in onnx.TensorProto */
  samoyed_status* (*value_load)(const char* path, const char* type, samoyed_value** out); /* a .pb file; `type` as session_input_type gives it */
  samoyed_status* (*value_save)(const char* path, const samoyed_value*);
  void (*value_free)(samoyed_value*);
  int32_t (*value_dtype)(const samoyed_value*); /* 0 for what is no tensor */
  size_t (*value_rank)(const samoyed_value*);
  const int64_t* (*value_dims)(const samoyed_value*);
  const void* (*value_data)(const samoyed_value*); /* row-major elements; null for strings and for what is no tensor */
  size_t (*value_size)(const samoyed_value*);      /* in bytes */
  const char* (*value_string)(const samoyed_value*, size_t i, size_t* length); /* element of a string tensor; null where there is none */
  samoyed_status* (*value_compare)(const samoyed_value* actual, const samoyed_value* expected, double rtol, double atol); /* SAMOYED_FAILED_CHECK names the first difference */

  /* Runs: inputs in the session's order, null where one has a default; outputs receives one value for each output. */
  samoyed_status* (*run)(const samoyed_session*, const samoyed_value* const* inputs, size_t num_inputs, samoyed_value** outputs, size_t num_outputs);

  /* models as files */
  samoyed_status* (*model_text)(const char* path, samoyed_text** out); /* the readable form */
  samoyed_status* (*model_set_metadata)(const char* path, const char* const* keys, const char* const* values, size_t count, const char* out_path);

  /* the library itself */
  samoyed_text* (*devices_json)(void); /* {"cpu": {"level", "levels", "threads"}, "providers": [...]} */
  samoyed_text* (*operators_json)(void); /* array of {domain, name, kernel, fast, versions, types}: fast where the cpu provider has a kernel of its own */

  /* Is the model valid ONNX? An array of {place, rule, found, advice}, empty where it is; full: types and shapes are inferred, too.
   * Fails only where the file holds no model. */
  samoyed_status* (*model_check)(const char* path, int full, samoyed_text** out_json);
  /* {ir_version, producer, opsets, metadata (keys), functions, nodes, parameters (elements of initializers)} of a file, unprepared. */
  samoyed_status* (*model_info)(const char* path, samoyed_text** out_json);

  /* What the model does against the standard and was taken all the same, a line each; null beyond the last. */
  const char* (*session_note)(const samoyed_session*, size_t i);

  /* A flag that ends runs: set by any thread at any time, obeyed between nodes and inside long kernels. */
  samoyed_cancel* (*cancel_create)(void);
  void (*cancel_set)(samoyed_cancel*, int32_t on); /* 0: runs may go on again */
  void (*cancel_free)(samoyed_cancel*);            /* after the runs that it was given to */
  /* As run; ends with SAMOYED_LIMIT after timeout_ms (0: the session's), or once `cancel` (may be null) is set. Places in `outputs`
   * that hold values on entry keep them where type and shape fit: the run writes there and allocates nothing; others are replaced. */
  samoyed_status* (*run_with)(const samoyed_session*, const samoyed_value* const* inputs, size_t num_inputs, samoyed_value** outputs, size_t num_outputs,
                              double timeout_ms, const samoyed_cancel* cancel);

  /* From now on a model's file that is cut short while it is mapped makes loading and runs fail, in place of killing the process by SIGBUS.
   * Installs a signal handler, so it is the program's decision; 0 where that failed. */
  int32_t (*guard_mapped_files)(void);

  /* Models with ImageDecoder run once the process has a codec; it is copied, its functions are called from any thread. Null takes it away. */
  void (*set_image_codec)(const samoyed_image_codec*);

  /* As run, and an array of {node, op, kernel, provider, depth, start_us, duration_us, flops, bytes, inputs, outputs}, one a node that ran
   * (262144 at most), in the order in which they ended: those in the body of a node before it, with a greater depth. Runs that are not
   * profiled look at no clock. */
  samoyed_status* (*run_profiled)(const samoyed_session*, const samoyed_value* const* inputs, size_t num_inputs, samoyed_value** outputs, size_t num_outputs,
                                  samoyed_text** out_json);
  /* What the machine can do at most with so many threads (0: all it may use), measured in about a tenth of a second: fp32 multiply-adds,
   * two operations each, and bytes read from memory, a second. */
  samoyed_status* (*machine_speed)(int32_t threads, double* flops, double* bytes);

  /* The rewrites that sessions make: array of {name, description, standard}; standard: what it makes is standard ONNX. */
  samoyed_text* (*passes_json)(void);
  /* Writes the model as the standard rewrites leave it, for any runtime, and a report {nodes_before, nodes_after, passes: [{name, changes}],
   * notes}. Options that matter: "disable", "optimize", "dim:NAME", "max_memory", "timeout_ms"; may be null. */
  samoyed_status* (*model_optimize)(const char* path, const samoyed_options*, const char* out_path, samoyed_text** out_json);

  /* A tensor of `count` strings, which are copied: UTF-8, row-major; `lengths` in bytes, or null where each ends with a NUL. */
  samoyed_status* (*string_tensor_create)(const int64_t* dims, size_t rank, const char* const* elements, const size_t* lengths, size_t count, samoyed_value** out);
} samoyed_api;

/* Null when the library is older than `version`. */
SAMOYED_EXPORT const samoyed_api* samoyed_get_api(uint32_t version);

#ifdef __cplusplus
}
#endif

#endif /* SAMOYED_SAMOYED_H_ */
