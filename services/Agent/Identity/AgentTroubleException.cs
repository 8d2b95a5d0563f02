namespace ComputeExchange.Agent.Identity;

/// <summary>The agent cannot go on; the message says what is wrong and what to do about it.</summary>
public sealed class AgentTroubleException(string message, Exception? cause = null) : Exception(message, cause);
