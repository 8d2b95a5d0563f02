using System.Net;
using System.Net.Sockets;

namespace ComputeExchange.ProviderRegistry.Webhooks;

/// <summary>What a webhook may be, and when a call that was not taken is made again.</summary>
public static class WebhookRules
{
    /// <summary>How many a participant can have.</summary>
    public const int CountMax = 4;

    /// <summary>The longest address, in characters.</summary>
    public const int UrlLengthMax = 2_000;

    /// <summary>How long an answer is waited for.</summary>
    public static readonly TimeSpan AnswersWithin = TimeSpan.FromSeconds(5);

    /// <summary>The events there are.</summary>
    public static readonly IReadOnlyList<string> Events =
    [
        "delivery.active", "delivery.interrupting", "delivery.ended", "delivery.failed", "lease.rebid",
        "maintenance.announced", "node.lost", "node.suspended", "dispute.opened", "dispute.decided",
    ];

    private static readonly TimeSpan[] Pauses =
    [
        TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(10), TimeSpan.FromHours(1), TimeSpan.FromHours(6),
    ];

    /// <summary>How long after so many attempts the next is made; null: it is given up.</summary>
    public static TimeSpan? PauseAfter(int attemptCount) => attemptCount <= Pauses.Length ? Pauses[Math.Max(attemptCount, 1) - 1] : null;

    /// <summary>What is wrong with an address; null: nothing that can be seen without asking for it.</summary>
    /// <param name="url">The address.</param>
    /// <param name="simulated">Whether the exchange's clock is simulated: then it may be http, and of a private network.</param>
    public static string? WrongUrl(string url, bool simulated)
    {
        if (url.Length == 0) return "is missing: give an https address.";
        if (url.Length > UrlLengthMax) return $"has {url.Length} characters; it can have {UrlLengthMax}.";
        if (!Uri.TryCreate(url, UriKind.Absolute, out var address) || address.Host.Length == 0) return "is not an address such as https://example.com/hook.";
        if (address.Scheme != Uri.UriSchemeHttps && !(simulated && address.Scheme == Uri.UriSchemeHttp)) return "must begin with https://.";
        if (address.UserInfo.Length > 0) return "has a name or password in it: the signature says who calls.";
        if (simulated) return null;
        var host = address.DnsSafeHost;
        return IPAddress.TryParse(host, out var ip) ? IsPublic(ip) ? null : "is an address of a private network: give one that can be reached from outside."
            : host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase) || !host.Contains('.', StringComparison.Ordinal)
                ? "is an address of a private network: give one that can be reached from outside."
            : null;
    }

    /// <summary>Whether an address is one of the public network: not of this machine, of a private network, or kept for something else.</summary>
    public static bool IsPublic(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        var bytes = address.GetAddressBytes();
        return address.AddressFamily == AddressFamily.InterNetwork ? IsPublic(bytes[0], bytes[1], bytes[2]) : IsPublic(bytes);
    }

    private static bool IsPublic(byte first, byte second, byte third) => (first, second, third) switch
    {
        (0 or 10 or 127 or >= 224, _, _) => false,
        (100, >= 64 and < 128, _) => false,
        (169, 254, _) => false,
        (172, >= 16 and < 32, _) => false,
        (192, 0, 0 or 2) or (192, 88, 99) or (192, 168, _) => false,
        (198, 18 or 19, _) or (198, 51, 100) => false,
        (203, 0, 113) => false,
        _ => true,
    };

    // Of IPv6 only what is given out (2000::/3) is public, without documentation, Teredo and 6to4, in which an IPv4 address hides.
    private static bool IsPublic(byte[] bytes) => (bytes[0] & 0xE0) == 0x20
        && !(bytes[0] == 0x20 && bytes[1] == 0x01 && bytes[2] == 0x0D && bytes[3] == 0xB8)
        && !(bytes[0] == 0x20 && bytes[1] == 0x01 && bytes[2] < 0x02)
        && !(bytes[0] == 0x20 && bytes[1] == 0x02);
}
