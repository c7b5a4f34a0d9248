#ifndef MUSTER_COPENSSL_SHIM_H
#define MUSTER_COPENSSL_SHIM_H

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <openssl/x509.h>

// What Swift cannot import: macros, and parameter arrays that point into the caller's stack.

static inline void muster_clear_free(void *bytes, size_t count) {
    OPENSSL_clear_free(bytes, count);
}

// HMAC-SHA256 with the key worked in beforehand: two states of 112 bytes that need no memory of libcrypto's own. A context
// of EVP_MAC is ten times as large and costs several cache misses for each of thousands of keys. OpenSSL 3 calls these
// functions deprecated, without a replacement that copies a state in place.
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wdeprecated-declarations"

typedef struct {
    SHA256_CTX inner;
    SHA256_CTX outer;
} muster_hmac_sha256_key;

// At most a block of 64 bytes; 0 on failure.
static inline int muster_hmac_sha256_prepare(muster_hmac_sha256_key *key, const unsigned char *bytes, size_t count) {
    unsigned char inner[SHA256_CBLOCK], outer[SHA256_CBLOCK];
    if (count > SHA256_CBLOCK) return 0;
    for (size_t index = 0; index < SHA256_CBLOCK; index++) {
        unsigned char byte = index < count ? bytes[index] : 0;
        inner[index] = byte ^ 0x36;
        outer[index] = byte ^ 0x5c;
    }
    int done = SHA256_Init(&key->inner) && SHA256_Update(&key->inner, inner, sizeof inner) && SHA256_Init(&key->outer)
        && SHA256_Update(&key->outer, outer, sizeof outer);
    OPENSSL_cleanse(inner, sizeof inner);
    OPENSSL_cleanse(outer, sizeof outer);
    return done;
}

// Writes 32 bytes; 0 on failure.
static inline int muster_hmac_sha256(
    const muster_hmac_sha256_key *key, const void *bytes, size_t count, unsigned char *mac
) {
    SHA256_CTX state = key->inner;
    if (!SHA256_Update(&state, bytes, count) || !SHA256_Final(mac, &state)) return 0;
    state = key->outer;
    return SHA256_Update(&state, mac, SHA256_DIGEST_LENGTH) && SHA256_Final(mac, &state);
}

#pragma clang diagnostic pop

#endif
