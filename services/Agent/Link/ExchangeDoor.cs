using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ComputeExchange.ProviderRegistry.V1;
using Grpc.Net.Client;

namespace ComputeExchange.Agent.Link;

/// <summary>The way to the exchange's agent door: TLS, and the exchange known by its key where there is a pin.</summary>
public sealed class ExchangeDoor : IDisposable
{
    private readonly GrpcChannel _channel;
    private volatile string _distrust = "";
    private volatile string _localAddress = "";

    public ExchangeDoor(Uri exchange, byte[]? pin)
    {
        Exchange = exchange;
        var handler = new SocketsHttpHandler
        {
            ConnectTimeout = TimeSpan.FromSeconds(10),
            KeepAlivePingDelay = TimeSpan.FromSeconds(15),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(10),
            UseProxy = false,
            ConnectCallback = Connect,
            SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, certificate, _, errors) => Trusts(certificate, errors, pin) },
        };
        _channel = GrpcChannel.ForAddress(exchange, new GrpcChannelOptions { HttpHandler = handler, DisposeHttpClient = true, MaxReceiveMessageSize = 16 << 20 });
        Agents = new AgentService.AgentServiceClient(_channel);
    }

    /// <summary>Where it is.</summary>
    public Uri Exchange { get; }

    /// <summary>The exchange.</summary>
    public AgentService.AgentServiceClient Agents { get; }

    /// <summary>Why the other side was not believed to be the exchange; empty while it was.</summary>
    public string Distrust => _distrust;

    /// <summary>The host's own address on the way to the exchange.</summary>
    public string LocalAddress => _localAddress;

    public void Dispose() => _channel.Dispose();

    private bool Trusts(X509Certificate? certificate, SslPolicyErrors errors, byte[]? pin)
    {
        if (certificate is null)
        {
            _distrust = "it showed no certificate";
            return false;
        }
        if (pin is null)
        {
            _distrust = errors == SslPolicyErrors.None ? "" : $"this host does not trust its certificate ({errors}), and the token named no key";
            return errors == SslPolicyErrors.None;
        }
        using var shown = X509CertificateLoader.LoadCertificate(certificate.GetRawCertData());
        var same = CryptographicOperations.FixedTimeEquals(SHA256.HashData(shown.PublicKey.ExportSubjectPublicKeyInfo()), pin);
        _distrust = same ? "" : "its key is not the one that the enrolment token names: something else answers at this address, or the exchange has a new key";
        return same;
    }

    private async ValueTask<Stream> Connect(SocketsHttpConnectionContext context, CancellationToken cancel)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(context.DnsEndPoint, cancel);
            if (socket.LocalEndPoint is System.Net.IPEndPoint local) _localAddress = (local.Address.IsIPv4MappedToIPv6 ? local.Address.MapToIPv4() : local.Address).ToString();
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
