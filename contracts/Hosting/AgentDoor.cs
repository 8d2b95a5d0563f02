using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace ComputeExchange.Hosting;

/// <summary>The door for agents on providers' hosts: TLS, at an address of its own, and nothing but agents is served there.</summary>
public static class AgentDoor
{
    private const string Agents = "/computeexchange.providerregistry.v1.AgentService/";

    private static readonly TimeSpan Life = TimeSpan.FromDays(3_650);

    /// <summary>Listens for agents, if the options say where.</summary>
    /// <exception cref="ArgumentException">There is an address and no certificate.</exception>
    public static void Open(KestrelServerOptions kestrel, ServiceOptions options)
    {
        if (options.AgentListen is not { } listen) return;
        var certificate = options.AgentCertificate
            ?? throw new ArgumentException("Exchange:AgentCertificateFile is missing beside Exchange:AgentListen: give a PEM file with a certificate and its key.");
        var address = listen.Host is "0.0.0.0" or "*" or "+" ? IPAddress.Any
            : IPAddress.TryParse(listen.Host, out var ip) ? ip : IPAddress.Loopback;
        kestrel.Listen(address, listen.Port, door =>
        {
            door.Protocols = HttpProtocols.Http2;
            door.UseHttps(new HttpsConnectionAdapterOptions { ServerCertificate = certificate });
            door.Use(next => connection =>
            {
                connection.Items[Agents] = true;
                return next(connection);
            });
        });
    }

    /// <summary>What came in by the agents' door goes to the agents' service alone.</summary>
    public static Task AgentsOnly(HttpContext context, RequestDelegate next)
    {
        var items = context.Features.Get<Microsoft.AspNetCore.Connections.Features.IConnectionItemsFeature>()?.Items;
        if (items?.ContainsKey(Agents) != true || context.Request.Path.StartsWithSegments(Agents.TrimEnd('/'))) return next(context);
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }

    /// <summary>A certificate of the exchange's own, with its key, as PEM: agents know it by its key's hash, so nobody need vouch for it.</summary>
    public static string NewCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=compute-exchange agents", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], critical: false));
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now + Life);
        return certificate.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem();
    }

    /// <summary>What an agent knows the exchange by: SHA-256 of its SubjectPublicKeyInfo.</summary>
    public static byte[] PinOf(X509Certificate2 certificate) => SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo());
}
