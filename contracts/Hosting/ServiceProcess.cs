using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace ComputeExchange.Hosting;

/// <summary>A service as a process of its own.</summary>
public static class ServiceProcess
{
    private const string CheckHealth = "--healthcheck";

    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Runs a service until it is told to stop. Answers 2 with one sentence if it was started wrongly. With
    /// <c>--healthcheck</c> it asks the service that runs with the same settings, and answers 0 if that is healthy, else 1.
    /// </summary>
    /// <param name="args">The command line.</param>
    /// <param name="build">Makes the service.</param>
    /// <param name="keepsData">Whether the service needs a database and a bus.</param>
    public static async Task<int> Run(string[] args, Func<ServiceOptions, WebApplication> build, bool keepsData = true)
    {
        ServiceOptions options;
        try
        {
            options = ServiceOptions.From([.. args.Where(arg => arg != CheckHealth)], keepsData);
        }
        catch (ArgumentException wrong)
        {
            await Console.Error.WriteLineAsync(wrong.Message);
            return 2;
        }
        if (args.Contains(CheckHealth)) return await IsHealthy(options.Listen, CancellationToken.None) ? 0 : 1;

        await using var app = build(options);
        if (options.EndsWithInput) EndWithInput(app.Services.GetRequiredService<IHostApplicationLifetime>());
        await app.RunAsync();
        return 0;
    }

    /// <summary>Whether the service that listens there says that it is healthy; over HTTP/2 as gRPC is spoken, or HTTP/1.1 where only that is.</summary>
    public static async Task<bool> IsHealthy(Uri listen, CancellationToken cancel)
    {
        var host = IPAddress.TryParse(listen.Host, out var address) && !address.Equals(IPAddress.Any) ? listen.Host : "127.0.0.1";
        var health = new UriBuilder(listen) { Host = host, Path = "/health" }.Uri;
        using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(3) };
        foreach (var version in (Version[])[HttpVersion.Version20, HttpVersion.Version11])
        {
            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, health) { Version = version, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
                using var response = await client.SendAsync(request, cancel);
                if (response.IsSuccessStatusCode) return true;
            }
            catch (Exception silent) when (silent is HttpRequestException || (silent is OperationCanceledException && !cancel.IsCancellationRequested))
            {
                // Not by this protocol, or not yet.
            }
        }
        return false;
    }

    /// <summary>Stops the service when its input ends; if it cannot, it is ended all the same.</summary>
    private static void EndWithInput(IHostApplicationLifetime lifetime)
    {
        // A thread of its own: nothing that happens in the pool may keep it from noticing.
        new Thread(() =>
        {
            try
            {
                using var input = Console.OpenStandardInput();
                while (input.ReadByte() >= 0)
                {
                    // What is said does not matter, only that somebody is there.
                }
            }
            catch (IOException)
            {
                // Then nobody is.
            }
            lifetime.StopApplication();
            Thread.Sleep(LastWords);
            Environment.Exit(1);
        })
        { IsBackground = true, Name = "owner" }.Start();
    }
}
