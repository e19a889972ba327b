#include "runtime/certificate.h"

#include <cstdint>
#include <ctime>
#include <memory>
#include <string_view>

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/text.h"

namespace runtime {

namespace {

template <auto Free>
struct Freer {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};

using KeyPtr = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
using CertPtr = std::unique_ptr<X509, Freer<X509_free>>;
using BioPtr = std::unique_ptr<BIO, Freer<BIO_free>>;
using ExtensionPtr = std::unique_ptr<X509_EXTENSION, Freer<X509_EXTENSION_free>>;

bool is_ip_address(const std::string& name) {
  unsigned char buffer[16];
  return inet_pton(AF_INET, name.c_str(), buffer) == 1 ||
         inet_pton(AF_INET6, name.c_str(), buffer) == 1;
}

bool add_extension(X509* cert, int id, const std::string& value) {
  const ExtensionPtr extension(X509V3_EXT_conf_nid(nullptr, nullptr, id, value.c_str()));
  return extension != nullptr && X509_add_ext(cert, extension.get(), -1) == 1;
}

std::string alternative_names(const std::vector<std::string>& names) {
  std::vector<std::string> entries;
  for (const std::string& name : names) {
    entries.push_back((is_ip_address(name) ? "IP:" : "DNS:") + name);
  }
  return base::join(entries, ",");
}

bool fill(X509* cert, EVP_PKEY* key, const std::vector<std::string>& names, std::time_t now) {
  std::uint32_t serial = 0;
  if (RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof(serial)) != 1) {
    return false;
  }
  X509_NAME* subject = X509_get_subject_name(cert);
  const auto* common_name = reinterpret_cast<const unsigned char*>("karpenter");
  return X509_set_version(cert, X509_VERSION_3) == 1 &&
         ASN1_INTEGER_set_uint64(X509_get_serialNumber(cert), serial) == 1 &&
         X509_time_adj_ex(X509_getm_notBefore(cert), 0, -3600, &now) != nullptr &&
         X509_time_adj_ex(X509_getm_notAfter(cert), 365, 0, &now) != nullptr &&
         X509_set_pubkey(cert, key) == 1 &&
         X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, common_name, -1, -1, 0) == 1 &&
         X509_set_issuer_name(cert, subject) == 1 &&
         add_extension(cert, NID_basic_constraints, "critical,CA:TRUE") &&
         add_extension(cert, NID_subject_alt_name, alternative_names(names)) &&
         X509_sign(cert, key, EVP_sha256()) > 0;
}

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return size > 0 ? std::string(data, static_cast<std::size_t>(size)) : std::string();
}

}  // namespace

base::Result<CertificatePem> make_self_signed_certificate(const std::vector<std::string>& names,
                                                          base::WallTime now) {
  const auto failure = [] {
    return base::fail(base::ErrorCode::kInternal, "cannot make a self-signed certificate");
  };
  if (names.empty()) {
    return base::fail(base::ErrorCode::kInvalid, "a certificate needs at least one name");
  }
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()).count();
  const KeyPtr key(EVP_EC_gen("P-256"));
  const CertPtr cert(X509_new());
  if (key == nullptr || cert == nullptr ||
      !fill(cert.get(), key.get(), names, static_cast<std::time_t>(seconds))) {
    return failure();
  }
  const BioPtr cert_text(BIO_new(BIO_s_mem()));
  const BioPtr key_text(BIO_new(BIO_s_mem()));
  if (PEM_write_bio_X509(cert_text.get(), cert.get()) != 1 ||
      PEM_write_bio_PrivateKey(key_text.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) !=
          1) {
    return failure();
  }
  return CertificatePem{.cert = text_of(cert_text.get()), .key = text_of(key_text.get())};
}

}  // namespace runtime
