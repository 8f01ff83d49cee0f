#ifndef TAKT_CCURL_H
#define TAKT_CCURL_H

#include <curl/curl.h>

// The system's libcurl, opened with dlopen on first use: commands that talk to nobody do not pay for it at start-up.
// The wrappers stand in for libcurl's variadic functions, which Swift cannot call. The ccurl_easy,
// set, get and list functions may be called only after ccurl_load() has returned NULL.

#if defined(__APPLE__)
#define CCURL_LIBRARY "libcurl.4.dylib"
#else
#define CCURL_LIBRARY "libcurl.so.4"
#endif

typedef size_t (*ccurl_data_callback)(char *data, size_t size, size_t count, void *context);
typedef int (*ccurl_progress_callback)(void *context, curl_off_t down_total, curl_off_t down_now, curl_off_t up_total,
                                       curl_off_t up_now);

/// Opens the library once for the process; NULL on success, otherwise the loader's reason (never freed). Thread safe.
const char *ccurl_load(void);
/// Whether a library of that name can be opened: NULL, or the loader's reason in `buffer`.
const char *ccurl_probe(const char *name, char *buffer, size_t length);

/// Starts a detached thread that runs body(context) once; 0, or the system's error number and then nothing runs.
int ccurl_start_thread(void (*body)(void *context), void *context);

CURL *ccurl_easy_init(void);
void ccurl_easy_cleanup(CURL *handle);
CURLcode ccurl_easy_perform(CURL *handle);
const char *ccurl_easy_strerror(CURLcode code);

CURLcode ccurl_set_long(CURL *handle, CURLoption option, long value);
CURLcode ccurl_set_offset(CURL *handle, CURLoption option, curl_off_t value);
CURLcode ccurl_set_text(CURL *handle, CURLoption option, const char *value);
CURLcode ccurl_set_pointer(CURL *handle, CURLoption option, void *value);
CURLcode ccurl_set_list(CURL *handle, CURLoption option, struct curl_slist *list);
CURLcode ccurl_set_data_callback(CURL *handle, CURLoption option, ccurl_data_callback callback);
CURLcode ccurl_set_progress_callback(CURL *handle, ccurl_progress_callback callback);

CURLcode ccurl_get_long(CURL *handle, CURLINFO info, long *value);
CURLcode ccurl_get_offset(CURL *handle, CURLINFO info, curl_off_t *value);

struct curl_slist *ccurl_list_append(struct curl_slist *list, const char *text);
void ccurl_list_free(struct curl_slist *list);

#endif
