namespace ComputeExchange.Hosting.Access;

/// <summary>Says whose a token is that a node signed with its own key; only the service that knows the nodes has one.</summary>
public interface INodeTokens
{
    /// <summary>The node as a caller, or null if the token is no node's, not good, or past its time.</summary>
    Task<Caller?> Read(string token, CancellationToken cancel);
}
