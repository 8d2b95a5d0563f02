using System.Buffers.Text;
using System.Text;

namespace ComputeExchange.Agent.Identity;

/// <summary>What a call of a node carries: a JWT that the node signs itself (ES256), good for less than a minute.</summary>
public static class NodeToken
{
    /// <summary>For whom it is.</summary>
    public const string Audience = "compute-exchange-agents";

    private const long Seconds = 55;

    /// <summary>A token for a call made now, by the host's clock.</summary>
    public static string Make(NodeKey key, string nodeId, DateTimeOffset now)
    {
        var issued = now.ToUnixTimeSeconds();
        var header = $$"""{"alg":"ES256","typ":"JWT","kid":"{{nodeId}}"}""";
        var claims = $$"""{"sub":"{{nodeId}}","aud":"{{Audience}}","iat":{{issued}},"exp":{{issued + Seconds}}}""";
        var text = $"{Written(header)}.{Written(claims)}";
        return $"{text}.{Base64Url.EncodeToString(key.Sign(Encoding.ASCII.GetBytes(text)))}";
    }

    private static string Written(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));
}
