using Xunit;

namespace ComputeExchange.EndToEnd.Tests;

/// <summary>An exchange on which the story was told; the tests that only look at it share it, one after the other.</summary>
public sealed class ToldStory : IAsyncLifetime
{
    internal RunningHost Host { get; private set; } = null!;

    internal Story Story { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Host = await RunningHost.Start();
        Story = new Story(Host.Addresses, Host.OperatorKey, TestContext.Current.CancellationToken);
        await Story.Tell();
    }

    public async ValueTask DisposeAsync()
    {
        Story.Dispose();
        await Host.DisposeAsync();
    }
}

/// <summary>The name under which test classes share the story.</summary>
[CollectionDefinition(Name)]
public sealed class ToldStoryTests : ICollectionFixture<ToldStory>
{
    public const string Name = "the told story";
}
