/**
 * The user name and password of a URL as a request says them (RFC 7617). In: as they stand in a parsed URL, percent-encoded.
 * Out: the value of Authorization or Proxy-Authorization: a secret.
 */

/** `null` for what cannot be said: a user name with a colon, control characters (RFC 7617 §2). */
export function basicAuthorization(username: string, password: string): string | null {
  const [user, secret] = [decoded(username), decoded(password)];
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  if (user.includes(':') || /[\u0000-\u001f\u007f]/.test(user + secret)) return null;
  return `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
