using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using ComputeExchange.Hosting;

namespace ComputeExchange.Web.Session;

/// <summary>A signed-in browser: its participant's API key, encrypted, in a cookie that no script can read.</summary>
/// <remarks>
/// Nothing is kept here, so that any number of consoles serve one browser. The key inside is presented at every call, so a
/// session ends when its key is revoked.
/// </remarks>
public sealed class SessionCookie(ServiceOptions options)
{
    private const string Name = "cx_session";
    private const int NonceLength = 12;
    private const int TagLength = 16;
    private static readonly TimeSpan Life = TimeSpan.FromHours(12);

    private readonly byte[] _secret = HKDF.DeriveKey(HashAlgorithmName.SHA256, options.ServiceKey, 32, info: "compute-exchange console session"u8.ToArray());

    /// <summary>Signs the browser in.</summary>
    public void Give(HttpContext context, string apiKey) => context.Response.Cookies.Append(Name, Seal(apiKey, Now() + Life), new CookieOptions
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Strict,
        Secure = context.Request.IsHttps,
        MaxAge = Life,
        Path = "/",
    });

    /// <summary>Signs the browser out.</summary>
    public static void Take(HttpContext context) => context.Response.Cookies.Delete(Name, new CookieOptions { Path = "/" });

    /// <summary>The session's API key; null where there is no session, or it is past its time or not of this exchange.</summary>
    public string? KeyOf(HttpContext context) => context.Request.Cookies[Name] is { Length: > 0 } cookie ? Open(cookie) : null;

    private string Seal(string apiKey, DateTimeOffset until)
    {
        var plain = new byte[8 + Encoding.UTF8.GetByteCount(apiKey)];
        BinaryPrimitives.WriteInt64BigEndian(plain, until.ToUnixTimeSeconds());
        Encoding.UTF8.GetBytes(apiKey, plain.AsSpan(8));
        var box = new byte[NonceLength + plain.Length + TagLength];
        RandomNumberGenerator.Fill(box.AsSpan(0, NonceLength));
        using var cipher = new AesGcm(_secret, TagLength);
        cipher.Encrypt(box.AsSpan(0, NonceLength), plain, box.AsSpan(NonceLength, plain.Length), box.AsSpan(NonceLength + plain.Length));
        return Base64Url.EncodeToString(box);
    }

    private string? Open(string cookie)
    {
        try
        {
            var box = Base64Url.DecodeFromChars(cookie);
            if (box.Length < NonceLength + 8 + TagLength) return null;
            var plain = new byte[box.Length - NonceLength - TagLength];
            using var cipher = new AesGcm(_secret, TagLength);
            cipher.Decrypt(box.AsSpan(0, NonceLength), box.AsSpan(NonceLength, plain.Length), box.AsSpan(NonceLength + plain.Length), plain);
            return BinaryPrimitives.ReadInt64BigEndian(plain) > Now().ToUnixTimeSeconds() ? Encoding.UTF8.GetString(plain.AsSpan(8)) : null;
        }
        catch (Exception forged) when (forged is FormatException or CryptographicException)
        {
            return null;
        }
    }

    // Sessions live in real time, whatever the exchange's clock shows.
    private static DateTimeOffset Now() => TimeProvider.System.GetUtcNow();
}
