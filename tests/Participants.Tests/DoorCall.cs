using ComputeExchange.Access.V1;
using ComputeExchange.Hosting.Access;
using Grpc.Core;
using Xunit;

namespace ComputeExchange.Participants.Tests;

/// <summary>A call as it stands behind the lock of the door: the caller is known.</summary>
public sealed class DoorCall : ServerCallContext
{
    private DoorCall(Caller caller) => UserState["caller"] = caller;

    public static DoorCall Of(Guid participant, params Role[] roles) => new(new Caller(participant, roles.ToHashSet(), "key", null));

    public static DoorCall OfService(string name) => new(new Caller(null, new HashSet<Role> { Role.Service }, name, name));

    protected override string MethodCore => "";

    protected override string HostCore => "";

    protected override string PeerCore => "";

    protected override DateTime DeadlineCore => DateTime.MaxValue;

    protected override Metadata RequestHeadersCore { get; } = [];

    protected override CancellationToken CancellationTokenCore => TestContext.Current.CancellationToken;

    protected override Metadata ResponseTrailersCore { get; } = [];

    protected override Status StatusCore { get; set; }

    protected override WriteOptions? WriteOptionsCore { get; set; }

    protected override AuthContext AuthContextCore => throw new NotSupportedException();

    protected override ContextPropagationToken CreatePropagationTokenCore(ContextPropagationOptions? options) => throw new NotSupportedException();

    protected override Task WriteResponseHeadersAsyncCore(Metadata responseHeaders) => Task.CompletedTask;
}
