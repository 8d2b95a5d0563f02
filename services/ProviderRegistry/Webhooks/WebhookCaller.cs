using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using ComputeExchange.Hosting;

namespace ComputeExchange.ProviderRegistry.Webhooks;

/// <summary>Makes one call of a webhook: signed, without redirects, and only of public addresses unless the exchange's clock is simulated.</summary>
public sealed class WebhookCaller : IDisposable
{
    private readonly HttpClient _http;

    /// <summary>A caller for this exchange.</summary>
    public WebhookCaller(ServiceOptions options)
        : this(privateToo: options.Simulated)
    {
    }

    /// <summary>A caller.</summary>
    /// <param name="privateToo">Whether it may call addresses of private networks.</param>
    internal WebhookCaller(bool privateToo) =>
        _http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            ConnectTimeout = WebhookRules.AnswersWithin,
            PooledConnectionLifetime = TimeSpan.FromMinutes(1),
            MaxResponseHeadersLength = 16,

            // A name is looked up here and now: what it stood for when the webhook was made is of no matter.
            ConnectCallback = (context, cancel) => Connect(context.DnsEndPoint, privateToo, cancel),
        })
        {
            Timeout = WebhookRules.AnswersWithin,
        };

    /// <summary>Calls it.</summary>
    /// <returns>Whether it was taken, and what came back, for people.</returns>
    public async Task<(bool Taken, string Outcome)> Call(string url, Guid eventId, string body, string secret, DateTimeOffset at, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new StringContent(body, Encoding.UTF8) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.TryAddWithoutValidation("X-CX-Event-Id", eventId.ToString());
        request.Headers.TryAddWithoutValidation("X-CX-Signature", Signature(body, secret, at));
        request.Headers.TryAddWithoutValidation("User-Agent", "ComputeExchange-Webhooks/1");
        try
        {
            // What is answered beyond the status is not read.
            using var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
            return ((int)answer.StatusCode is >= 200 and < 300, $"answered {(int)answer.StatusCode}");
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return (false, $"no answer within {WebhookRules.AnswersWithin.TotalSeconds:0} seconds");
        }
        catch (HttpRequestException failed)
        {
            return (false, failed.InnerException is NotPublicException ? "its name stands for an address of a private network" : failed.HttpRequestError switch
            {
                HttpRequestError.NameResolutionError => "its name is not known",
                HttpRequestError.SecureConnectionError => "its certificate is not trusted",
                _ => "it could not be reached",
            });
        }
    }

    /// <summary>By which the receiver knows that the exchange calls: the time, and the HMAC-SHA256 of time and body.</summary>
    public static string Signature(string body, string secret, DateTimeOffset at)
    {
        var time = at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var mac = HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes($"{time}.{body}"));
        return $"t={time},v1={Convert.ToHexStringLower(mac)}";
    }

    /// <inheritdoc />
    public void Dispose() => _http.Dispose();

    private static async ValueTask<Stream> Connect(DnsEndPoint host, bool privateToo, CancellationToken cancel)
    {
        var addresses = IPAddress.TryParse(host.Host, out var literal) ? [literal] : await Dns.GetHostAddressesAsync(host.Host, cancel);
        var allowed = privateToo ? addresses : [.. addresses.Where(WebhookRules.IsPublic)];
        if (allowed.Length == 0) throw addresses.Length > 0 ? new NotPublicException() : new SocketException((int)SocketError.HostNotFound);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(allowed, host.Port, cancel);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>The name stands for no address that may be called.</summary>
    private sealed class NotPublicException : Exception;
}
