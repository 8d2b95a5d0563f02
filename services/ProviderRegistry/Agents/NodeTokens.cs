using ComputeExchange.Access.V1;
using ComputeExchange.Hosting.Access;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace ComputeExchange.ProviderRegistry.Agents;

/// <summary>Knows nodes by what they signed with their own keys: ES256, the node's id as the key's, good for a minute at most.</summary>
public sealed class NodeTokens(NodeKeys keys, AgentTimes times) : INodeTokens
{
    /// <summary>Whom these tokens are for.</summary>
    public const string Audience = "compute-exchange-agents";

    private static readonly TimeSpan LifeMost = TimeSpan.FromSeconds(60);

    /// <summary>How far a host's clock may be off.</summary>
    private static readonly TimeSpan Skew = TimeSpan.FromSeconds(30);

    private static readonly IReadOnlySet<Role> Roles = new HashSet<Role> { Role.Node };

    private readonly JsonWebTokenHandler _handler = new();

    /// <inheritdoc />
    public async Task<Caller?> Read(string token, CancellationToken cancel)
    {
        if (NodeOf(token) is not { } nodeId || await keys.Of(nodeId, cancel) is not { } publicKey) return null;
        using var key = NodeKeys.Import(publicKey);
        if (key is null) return null;
        var now = times.Real.GetUtcNow();
        var result = await _handler.ValidateTokenAsync(token, new TokenValidationParameters
        {
            ValidateIssuer = false,
            ValidAudience = Audience,
            // Kept nowhere: a key is used once a stream.
            IssuerSigningKey = new ECDsaSecurityKey(key) { CryptoProviderFactory = new CryptoProviderFactory { CacheSignatureProviders = false } },
            ValidAlgorithms = [SecurityAlgorithms.EcdsaSha256],
            RequireExpirationTime = true,
            RequireSignedTokens = true,
            LifetimeValidator = (_, expires, _, _) =>
                expires is { } end && new DateTimeOffset(end, TimeSpan.Zero) is var until && until > now - Skew && until <= now + LifeMost + Skew,
        });
        return result.IsValid ? new Caller(null, Roles, $"node {nodeId}", null) { NodeId = nodeId } : null;
    }

    private Guid? NodeOf(string token)
    {
        if (!_handler.CanReadToken(token)) return null;
        try
        {
            return Guid.TryParse(_handler.ReadJsonWebToken(token).Kid, out var nodeId) ? nodeId : null;
        }
        catch (Exception unreadable) when (unreadable is ArgumentException or SecurityTokenException or System.Text.Json.JsonException)
        {
            return null;
        }
    }
}
