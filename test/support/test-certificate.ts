/**
 * A key and a self-signed certificate for *.localhost and 127.0.0.1: for servers in tests only, known to everybody, trusted by
 * nobody. Made once (valid for 100 years), since tests should need no openssl:
 *   openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 36500 -subj '/CN=weir test' \\
 *     -addext 'subjectAltName=DNS:*.localhost,DNS:localhost,IP:127.0.0.1'
 */
export const testCertificate: { readonly key: string; readonly cert: string } = {
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQghj2ZrKCVOsxAthW0
krBMsFB+5AtR2VEzxHLy7mO+EYKhRANCAARVrUtCKtHMSfBwSllx/W6DI8S2/O44
gv4UOJeTnuZhFIwApyVays1XqIUBEY8qjDA00HCEV/ZyD9dbX+OZYLi0
-----END PRIVATE KEY-----
`,
  cert: `-----BEGIN CERTIFICATE-----
MIIBqDCCAU6gAwIBAgIUAopZLdXbVTqr63nwbq7mqmKbH/0wCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJd2VpciB0ZXN0MCAXDTI2MTEyMTA4NTg0MVoYDzIxMjYxMDI4
MDg1ODQxWjAUMRIwEAYDVQQDDAl3ZWlyIHRlc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAARVrUtCKtHMSfBwSllx/W6DI8S2/O44gv4UOJeTnuZhFIwApyVays1X
qIUBEY8qjDA00HCEV/ZyD9dbX+OZYLi0o3wwejAdBgNVHQ4EFgQUK3bgQ3mnLx/N
jxXtNovTH1np8eQwHwYDVR0jBBgwFoAUK3bgQ3mnLx/NjxXtNovTH1np8eQwDwYD
VR0TAQH/BAUwAwEB/zAnBgNVHREEIDAeggsqLmxvY2FsaG9zdIIJbG9jYWxob3N0
hwR/AAABMAoGCCqGSM49BAMCA0gAMEUCIGvuI7Qiuquaujwdvmk5Gpq3waoArLA9
hugXDoUggQpZAiEAgHgpUFwsnKyixUOkd9ULT6ke6KsDu1sl9R2ke18e7PI=
-----END CERTIFICATE-----
`,
};
