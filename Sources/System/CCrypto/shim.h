#pragma once
#if !__has_include(<openssl/evp.h>)
#error "install the Debian package libssl-dev (scripts/setup build)"
#endif
#include <openssl/evp.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
