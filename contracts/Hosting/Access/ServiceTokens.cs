using System.Security.Claims;
using ComputeExchange.Access.V1;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace ComputeExchange.Hosting.Access;

/// <summary>Tokens by which services of the exchange know each other: signed, bound to one audience, good for five minutes.</summary>
public sealed class ServiceTokens
{
    private static readonly TimeSpan Life = TimeSpan.FromMinutes(5);

    private const int MostKept = 10_000;

    private readonly JsonWebTokenHandler _handler = new() { SetDefaultTimesOnTokenCreation = false };
    private readonly SymmetricSecurityKey _key;
    private readonly string _service;
    private readonly Dictionary<(string Audience, Guid? Participant, string Roles), (string Token, DateTimeOffset Until)> _made = [];
    private readonly Lock _gate = new();

    /// <param name="key">The key all services of this exchange share; at least 32 bytes.</param>
    /// <param name="service">The service these tokens speak for.</param>
    public ServiceTokens(byte[] key, string service)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(key.Length, 32);
        _key = new SymmetricSecurityKey(key);
        _service = service;
    }

    /// <summary>A token for a call of this service to another; it says for whom, if a participant's request is being served.</summary>
    public string For(string audience)
    {
        var endUser = Caller.Current is { ParticipantId: not null } caller ? caller : null;
        var roles = endUser is null ? "" : string.Join(' ', (endUser.EndUserRoles ?? endUser.Roles).Order());

        // With the roles: a participant's keys may differ in them, and a token must not lend one key what another may do.
        var entry = (audience, endUser?.ParticipantId, roles);
        // Tokens live in real time, whatever the exchange's clock shows.
        var now = TimeProvider.System.GetUtcNow();
        lock (_gate)
        {
            if (_made.TryGetValue(entry, out var made) && made.Until > now) return made.Token;
            if (_made.Count > MostKept) _made.Clear();
            var claims = new List<Claim> { new("sub", _service) };
            if (endUser is not null)
            {
                claims.Add(new Claim("participant", endUser.ParticipantId.ToString()!));
                claims.Add(new Claim("roles", roles));
            }
            var token = _handler.CreateToken(new SecurityTokenDescriptor
            {
                Issuer = "compute-exchange",
                Audience = audience,
                IssuedAt = now.UtcDateTime,
                NotBefore = now.UtcDateTime.AddSeconds(-30),
                Expires = (now + Life).UtcDateTime,
                Subject = new ClaimsIdentity(claims),
                SigningCredentials = new SigningCredentials(_key, SecurityAlgorithms.HmacSha256),
            });
            _made[entry] = (token, now + (Life / 2));
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
        if (!result.IsValid || !result.Claims.TryGetValue("sub", out var subject) || subject is not string service) return null;
        var endUser = result.Claims.TryGetValue("participant", out var id) && Guid.TryParse(id as string, out var participant) ? participant : (Guid?)null;
        var roles = result.Claims.TryGetValue("roles", out var named) && named is string text
            ? text.Split(' ').Select(role => Enum.TryParse<Role>(role, out var r) ? r : Role.Unspecified).ToHashSet()
            : null;
        return new Caller(endUser, new HashSet<Role> { Role.Service }, service, service, roles);
    }
}
