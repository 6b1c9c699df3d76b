/**
 * Certificates of the fault site, by what is wrong with them; all for one key. For servers on loopback only: the key is known
 * to everybody. The authority's own key was thrown away, so nothing more can be signed; trust it with NODE_EXTRA_CA_CERTS.
 * Valid from 2020 to 2180, but for the expired one (made with `openssl ca -startdate … -enddate …`), so that no test needs openssl.
 */

/** What a server proves with: the good one and three bad ones. */
export type CertificateKind = 'good' | 'self-signed' | 'expired' | 'wrong-host';

/** The authority behind all of them but the self-signed one. */
export const FAULT_AUTHORITY: string = `-----BEGIN CERTIFICATE-----
MIIBYjCCAQegAwIBAgIBATAKBggqhkjOPQQDAjAXMRUwEwYDVQQDDAxXZWlyIGRl
bW8gQ0EwIBcNMjAwMTAxMDAwMDAwWhgPMjE4MDAxMDEwMDAwMDBaMBcxFTATBgNV
BAMMDFdlaXIgZGVtbyBDQTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABOzMi8lI
6t8YVxuBeCXGVKOuzE5Yjw4qllO9COEhoI6xJ2+uAFVKfzz05n0doBEDxHp8pVAb
Joo5tetRVXBA01+jQjBAMA8GA1UdEwEB/wQFMAMBAf8wDgYDVR0PAQH/BAQDAgIE
MB0GA1UdDgQWBBTPA+taYDNmfs8W+Tz8xzUM7+wNmzAKBggqhkjOPQQDAgNJADBG
AiEA9ofideq83zad4xjugAAOiz7O+7Q940pGe6PPpP9m5TICIQDXXqIYtRix6KYo
/osgGNHmLr1RzRqnd4TNvbxTgrkpdw==
-----END CERTIFICATE-----
`;

const KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgLM9vWEWlfogyR7lE
qm6GKAvB+67gSGdy8i15qCG/ViihRANCAASDxGFTtORBx7wD9QoRGJasf/Coshan
2nASQk91WdzcycBZP7h+2O4VN+lb/rtLvUIMFyYr5KP+iRHDhT0AsB7q
-----END PRIVATE KEY-----
`;

/** Signed by the authority for *.localhost and *.faults.localhost. */
const GOOD = `-----BEGIN CERTIFICATE-----
MIIBozCCAUigAwIBAgIBAjAKBggqhkjOPQQDAjAXMRUwEwYDVQQDDAxXZWlyIGRl
bW8gQ0EwIBcNMjAwMTAxMDAwMDAwWhgPMjE4MDAxMDEwMDAwMDBaMBsxGTAXBgNV
BAMMEGZhdWx0cy5sb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAASD
xGFTtORBx7wD9QoRGJasf/Coshan2nASQk91WdzcycBZP7h+2O4VN+lb/rtLvUIM
FyYr5KP+iRHDhT0AsB7qo38wfTAwBgNVHREEKTAnghIqLmZhdWx0cy5sb2NhbGhv
c3SCCyoubG9jYWxob3N0hwR/AAABMAkGA1UdEwQCMAAwHQYDVR0OBBYEFESbVAQ+
roRmErt2ZvIBc9Tu8DpTMB8GA1UdIwQYMBaAFM8D61pgM2Z+zxb5PPzHNQzv7A2b
MAoGCCqGSM49BAMCA0kAMEYCIQDsKC9PXKo2f3NsxZzRN7q0XTG7J0JnMBZtg4YU
aFbs4gIhAKVXcNgmLhYRQRYWMR34Wv4fjDlfzTOTuqrw5SrA56br
-----END CERTIFICATE-----
`;

/** For the same names, signed by itself. */
const SELF_SIGNED = `-----BEGIN CERTIFICATE-----
MIIBhDCCASugAwIBAgIBBTAKBggqhkjOPQQDAjAbMRkwFwYDVQQDDBBmYXVsdHMu
bG9jYWxob3N0MCAXDTIwMDEwMTAwMDAwMFoYDzIxODAwMTAxMDAwMDAwWjAbMRkw
FwYDVQQDDBBmYXVsdHMubG9jYWxob3N0MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcD
QgAEg8RhU7TkQce8A/UKERiWrH/wqLIWp9pwEkJPdVnc3MnAWT+4ftjuFTfpW/67
S71CDBcmK+Sj/okRw4U9ALAe6qNeMFwwMAYDVR0RBCkwJ4ISKi5mYXVsdHMubG9j
YWxob3N0ggsqLmxvY2FsaG9zdIcEfwAAATAJBgNVHRMEAjAAMB0GA1UdDgQWBBRE
m1QEPq6EZhK7dmbyAXPU7vA6UzAKBggqhkjOPQQDAgNHADBEAiAr7eHoS2ZxT3ES
eUlbzmF11z6kELMjEptMEd6yIooVRAIgDSso0h1kGCwjRciVS1Xv5xzaWYBF76WF
VxTb0j5u0Qc=
-----END CERTIFICATE-----
`;

/** For the same names, signed by the authority, until the end of 2020. */
const EXPIRED = `-----BEGIN CERTIFICATE-----
MIIBnzCCAUagAwIBAgIBBDAKBggqhkjOPQQDAjAXMRUwEwYDVQQDDAxXZWlyIGRl
bW8gQ0EwHhcNMjAwMTAxMDAwMDAwWhcNMjEwMTAxMDAwMDAwWjAbMRkwFwYDVQQD
DBBmYXVsdHMubG9jYWxob3N0MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEg8Rh
U7TkQce8A/UKERiWrH/wqLIWp9pwEkJPdVnc3MnAWT+4ftjuFTfpW/67S71CDBcm
K+Sj/okRw4U9ALAe6qN/MH0wMAYDVR0RBCkwJ4ISKi5mYXVsdHMubG9jYWxob3N0
ggsqLmxvY2FsaG9zdIcEfwAAATAJBgNVHRMEAjAAMB0GA1UdDgQWBBREm1QEPq6E
ZhK7dmbyAXPU7vA6UzAfBgNVHSMEGDAWgBTPA+taYDNmfs8W+Tz8xzUM7+wNmzAK
BggqhkjOPQQDAgNHADBEAiAeF9yUUvIz59gjSIyc8jT/ESS5mNpmzc8mPS+b91Mc
8gIgFWr5OCQJ988ZtgBRLYxYr4jx6VuR7oJnD+nLEK9hNOA=
-----END CERTIFICATE-----
`;

/** Signed by the authority for elsewhere.test. */
const WRONG_HOST = `-----BEGIN CERTIFICATE-----
MIIBiTCCAS+gAwIBAgIBAzAKBggqhkjOPQQDAjAXMRUwEwYDVQQDDAxXZWlyIGRl
bW8gQ0EwIBcNMjAwMTAxMDAwMDAwWhgPMjE4MDAxMDEwMDAwMDBaMBkxFzAVBgNV
BAMMDmVsc2V3aGVyZS50ZXN0MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEg8Rh
U7TkQce8A/UKERiWrH/wqLIWp9pwEkJPdVnc3MnAWT+4ftjuFTfpW/67S71CDBcm
K+Sj/okRw4U9ALAe6qNoMGYwGQYDVR0RBBIwEIIOZWxzZXdoZXJlLnRlc3QwCQYD
VR0TBAIwADAdBgNVHQ4EFgQURJtUBD6uhGYSu3Zm8gFz1O7wOlMwHwYDVR0jBBgw
FoAUzwPrWmAzZn7PFvk8/Mc1DO/sDZswCgYIKoZIzj0EAwIDSAAwRQIgIrQ98Vgo
Ra7pg/SbdX8kIud/PV+/EL5AkJpdyTLgJtMCIQCvNoELtlQVL+M0679uXHbdk4fP
rc2YuuQ75TuTpYUGnA==
-----END CERTIFICATE-----
`;

export const CERTIFICATES: Readonly<Record<CertificateKind, { readonly key: string; readonly cert: string }>> = {
  good: { key: KEY, cert: GOOD },
  'self-signed': { key: KEY, cert: SELF_SIGNED },
  expired: { key: KEY, cert: EXPIRED },
  'wrong-host': { key: KEY, cert: WRONG_HOST },
};
