#include "CCurl.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

// curl.h wraps some names in type-checking macros; the pointers below carry other names and are not touched by them.
static struct {
    CURLcode (*global_init)(long flags);
    CURL *(*init)(void);
    void (*cleanup)(CURL *);
    CURLcode (*perform)(CURL *);
    CURLcode (*set)(CURL *, CURLoption, ...);
    CURLcode (*get)(CURL *, CURLINFO, ...);
    const char *(*strerror)(CURLcode);
    struct curl_slist *(*append)(struct curl_slist *, const char *);
    void (*free_list)(struct curl_slist *);
} library;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static const char *failure = NULL;
static char failure_text[256];

static void *find(void *handle, const char *name) {
    void *symbol = dlsym(handle, name);
    if (symbol == NULL && failure == NULL) {
        snprintf(failure_text, sizeof failure_text, "%s lacks the function %s", CCURL_LIBRARY, name);
        failure = failure_text;
    }
    return symbol;
}

static void load(void) {
    void *handle = dlopen(CCURL_LIBRARY, RTLD_NOW | RTLD_LOCAL);
    if (handle == NULL) {
        const char *reason = dlerror();
        snprintf(failure_text, sizeof failure_text, "%s", reason ? reason : "dlopen gave no reason");
        failure = failure_text;
        return;
    }
    library.global_init = find(handle, "curl_global_init");
    library.init = find(handle, "curl_easy_init");
    library.cleanup = find(handle, "curl_easy_cleanup");
    library.perform = find(handle, "curl_easy_perform");
    library.set = find(handle, "curl_easy_setopt");
    library.get = find(handle, "curl_easy_getinfo");
    library.strerror = find(handle, "curl_easy_strerror");
    library.append = find(handle, "curl_slist_append");
    library.free_list = find(handle, "curl_slist_free_all");
    if (failure == NULL && library.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        failure = "curl_global_init failed";
    }
}

const char *ccurl_load(void) {
    pthread_once(&once, load);
    return failure;
}

const char *ccurl_probe(const char *name, char *buffer, size_t length) {
    void *handle = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    if (handle != NULL) {
        dlclose(handle);
        return NULL;
    }
    const char *reason = dlerror();
    snprintf(buffer, length, "%s", reason ? reason : "dlopen gave no reason");
    return buffer;
}

struct start {
    void (*body)(void *);
    void *context;
};

static void *enter(void *argument) {
    struct start start = *(struct start *)argument;
    free(argument);
    start.body(start.context);
    return NULL;
}

int ccurl_start_thread(void (*body)(void *context), void *context) {
    struct start *start = malloc(sizeof *start);
    if (start == NULL) return ENOMEM;
    *start = (struct start){body, context};
    pthread_t thread;
    int code = pthread_create(&thread, NULL, enter, start);
    if (code == 0) {
        pthread_detach(thread);
    } else {
        free(start);
    }
    return code;
}

CURL *ccurl_easy_init(void) { return library.init(); }
void ccurl_easy_cleanup(CURL *handle) { library.cleanup(handle); }
CURLcode ccurl_easy_perform(CURL *handle) { return library.perform(handle); }
const char *ccurl_easy_strerror(CURLcode code) { return library.strerror(code); }

CURLcode ccurl_set_long(CURL *handle, CURLoption option, long value) { return library.set(handle, option, value); }

CURLcode ccurl_set_offset(CURL *handle, CURLoption option, curl_off_t value) {
    return library.set(handle, option, value);
}

CURLcode ccurl_set_text(CURL *handle, CURLoption option, const char *value) {
    return library.set(handle, option, value);
}

CURLcode ccurl_set_pointer(CURL *handle, CURLoption option, void *value) { return library.set(handle, option, value); }

CURLcode ccurl_set_list(CURL *handle, CURLoption option, struct curl_slist *list) {
    return library.set(handle, option, list);
}

CURLcode ccurl_set_data_callback(CURL *handle, CURLoption option, ccurl_data_callback callback) {
    return library.set(handle, option, callback);
}

CURLcode ccurl_set_progress_callback(CURL *handle, ccurl_progress_callback callback) {
    return library.set(handle, CURLOPT_XFERINFOFUNCTION, callback);
}

CURLcode ccurl_get_long(CURL *handle, CURLINFO info, long *value) { return library.get(handle, info, value); }

CURLcode ccurl_get_offset(CURL *handle, CURLINFO info, curl_off_t *value) { return library.get(handle, info, value); }

struct curl_slist *ccurl_list_append(struct curl_slist *list, const char *text) { return library.append(list, text); }
void ccurl_list_free(struct curl_slist *list) { library.free_list(list); }
