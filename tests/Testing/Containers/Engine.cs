using System.Collections.Concurrent;
using Docker.DotNet;
using Docker.DotNet.Models;
using DotNet.Testcontainers.Builders;
using DotNet.Testcontainers.Configurations;

namespace ComputeExchange.Testing.Containers;

/// <summary>The Docker engine, where there is one.</summary>
internal static class Engine
{
    private static readonly TimeSpan AtMost = TimeSpan.FromMinutes(5);
    private static readonly ConcurrentDictionary<string, Lazy<bool>> Asked = new();

    /// <summary>Whether an engine answers and has an image, or can fetch it; asked once for each.</summary>
    public static bool Has(string image) =>
        Environment.GetEnvironmentVariable("TEST_CONTAINERS") != "none"
        && Asked.GetOrAdd(image, name => new Lazy<bool>(() => Task.Run(() => Look(name)).GetAwaiter().GetResult())).Value;

    private static async Task<bool> Look(string image)
    {
        using var late = new CancellationTokenSource(AtMost);
        try
        {
            if (TestcontainersSettings.OS.DockerEndpointAuthConfig is not { } endpoint) return false;
            using var engine = endpoint.GetDockerClientBuilder(Guid.Empty).Build();
            var known = await engine.Images.ListImagesAsync(new ImagesListParameters(), late.Token);
            if (known.Any(found => found.RepoTags?.Contains(image) == true)) return true;

            var parts = image.Split(':');
            await engine.Images.CreateImageAsync(
                new ImagesCreateParameters { FromImage = parts[0], Tag = parts[1] }, new AuthConfig(), new Progress<JSONMessage>(), late.Token);
            return true;
        }
        catch (Exception none) when (none is DockerUnavailableException or DockerApiException or HttpRequestException or IOException or TimeoutException or OperationCanceledException)
        {
            // Then the machine's own binaries serve.
            return false;
        }
    }
}
