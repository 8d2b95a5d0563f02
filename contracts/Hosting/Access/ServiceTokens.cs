using System.Security.Claims;
using ComputeExchange.Access.V1;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace ComputeExchange.Hosting.Access;

/// <summary>Tokens by which services of the exchange know each other: signed, bound to one audience, good for five minutes.</summary>
public sealed class ServiceTokens
{
    private static readonly TimeSpan Life = TimeSpan.FromMinutes(5);

    private readonly JsonWebTokenHandler _handler = new() { SetDefaultTimesOnTokenCreation = false };
    private readonly SymmetricSecurityKey _key;
    private readonly string _service;
    private readonly Dictionary<string, (string Token, DateTimeOffset Until)> _made = [];
    private readonly Lock _gate = new();

    /// <param name="key">The key all services of this exchange share; at least 32 bytes.</param>
    /// <param name="service">The service these tokens speak for.</param>
    public ServiceTokens(byte[] key, string service)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(key.Length, 32);
        _key = new SymmetricSecurityKey(key);
        _service = service;
    }

    /// <summary>A token for a call of this service to another.</summary>
    public string For(string audience)
    {
        // Tokens live in real time, whatever the exchange's clock shows.
        var now = TimeProvider.System.GetUtcNow();
        lock (_gate)
        {
            if (_made.TryGetValue(audience, out var made) && made.Until > now) return made.Token;
            var token = _handler.CreateToken(new SecurityTokenDescriptor
            {
                Issuer = "compute-exchange",
                Audience = audience,
                IssuedAt = now.UtcDateTime,
                NotBefore = now.UtcDateTime.AddSeconds(-30),
                Expires = (now + Life).UtcDateTime,
                Subject = new ClaimsIdentity([new Claim("sub", _service)]),
                SigningCredentials = new SigningCredentials(_key, SecurityAlgorithms.HmacSha256),
            });
            _made[audience] = (token, now + (Life / 2));
            return token;
        }
    }

    /// <summary>Whose token this is, if it is good and meant for this service; otherwise null.</summary>
    public async Task<Caller?> Read(string token)
    {
        var result = await _handler.ValidateTokenAsync(token, new TokenValidationParameters
        {
            ValidIssuer = "compute-exchange",
            ValidAudience = _service,
            IssuerSigningKey = _key,
            ValidAlgorithms = [SecurityAlgorithms.HmacSha256],
            RequireExpirationTime = true,
            RequireSignedTokens = true,
            ClockSkew = TimeSpan.FromSeconds(30),
        });
        return result.IsValid && result.Claims.TryGetValue("sub", out var subject) && subject is string service
            ? new Caller(null, new HashSet<Role> { Role.Service }, service, service)
            : null;
    }
}
