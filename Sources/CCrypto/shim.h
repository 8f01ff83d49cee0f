// The digest is called directly: through the provider interface its first use looks up and loads algorithms for over a
// million instructions, which every command would pay at its start.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>
#include <openssl/evp.h>
