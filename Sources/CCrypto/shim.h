// The digest is called directly: through the provider interface its first use looks up and loads algorithms for over a
// million instructions, which every command would pay at its start. Ciphers have no other way in; only who keeps an
// encrypted stream open pays for them.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <openssl/evp.h>
