using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;

namespace ComputeExchange.Host;

/// <summary>The door of one service inside a process that many share: what arrives at the one listener is handed in here.</summary>
/// <remarks>The service keeps its own container and its own pipeline; only the socket is shared.</remarks>
internal sealed class InnerDoor : IServer
{
    private Func<IFeatureCollection, Task>? _serve;

    /// <summary>The service's own container.</summary>
    public IServiceProvider? Services { get; set; }

    /// <inheritdoc />
    public IFeatureCollection Features { get; } = new FeatureCollection();

    /// <inheritdoc />
    public Task StartAsync<TContext>(IHttpApplication<TContext> application, CancellationToken cancellationToken)
        where TContext : notnull
    {
        _serve = async features =>
        {
            var context = application.CreateContext(features);
            Exception? failure = null;
            try
            {
                await application.ProcessRequestAsync(context);
            }
            catch (Exception caught)
            {
                failure = caught;
                throw;
            }
            finally
            {
                application.DisposeContext(context, failure);
            }
        };
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public Task StopAsync(CancellationToken cancellationToken)
    {
        _serve = null;
        return Task.CompletedTask;
    }

    /// <summary>Lets the service answer a request that another listener took.</summary>
    public async Task Serve(HttpContext outer)
    {
        if (_serve is not { } serve || Services is null)
        {
            outer.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return;
        }

        // Everything of the connection is passed on; what belongs to the outer pipeline (its container, its route) is not.
        var features = new FeatureCollection(outer.Features);
        await using var scope = Services!.CreateAsyncScope();
        features.Set<IServiceProvidersFeature>(new InnerServices { RequestServices = scope.ServiceProvider });
        features.Set<IEndpointFeature>(new NoEndpointYet());
        await serve(features);
    }

    private sealed class InnerServices : IServiceProvidersFeature
    {
        public required IServiceProvider RequestServices { get; set; }
    }

    private sealed class NoEndpointYet : IEndpointFeature
    {
        public Endpoint? Endpoint { get; set; }
    }

    /// <inheritdoc />
    public void Dispose() => _serve = null;
}
