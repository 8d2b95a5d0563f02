using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Hosting;

namespace ComputeExchange.Hosting;

/// <summary>A service as a process of its own.</summary>
public static class ServiceProcess
{
    /// <summary>Runs a service until it is told to stop. Answers 2 with one sentence if it was started wrongly.</summary>
    public static async Task<int> Run(string[] args, Func<ServiceOptions, WebApplication> build)
    {
        ServiceOptions options;
        try
        {
            options = ServiceOptions.From(args);
        }
        catch (ArgumentException wrong)
        {
            await Console.Error.WriteLineAsync(wrong.Message);
            return 2;
        }
        await using var app = build(options);
        await app.RunAsync();
        return 0;
    }
}
