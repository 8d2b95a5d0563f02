using Shouldly;
using Xunit;

namespace ComputeExchange.EndToEnd.Tests;

public class ProcessesTests(ITestOutputHelper output)
{
    [Fact]
    public async Task The_same_story_happens_with_every_service_a_process_of_its_own_while_they_are_killed_one_after_the_other()
    {
        await using var processes = new RunningProcesses();
        await processes.Start();
        using var story = new Story(processes.Addresses, processes.OperatorKey, TestContext.Current.CancellationToken);
        try
        {
            // The kills begin at once and go round: no step of the story is safe from one.
            using var over = new CancellationTokenSource();
            var killing = Kill(processes, over.Token);
            await story.Tell();
            await over.CancelAsync();
            (await killing).ShouldBeGreaterThan(0);
            await story.BooksAreExact();
        }
        catch (Exception)
        {
            output.WriteLine(processes.Printed);
            throw;
        }
    }

    private static async Task<int> Kill(RunningProcesses processes, CancellationToken over)
    {
        var killed = 0;
        foreach (var service in RunningProcesses.Names)
        {
            await Task.Delay(TimeSpan.FromSeconds(2), over).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (over.IsCancellationRequested) break;
            await processes.KillHard(service);
            processes.StartService(service);
            killed++;
        }
        return killed;
    }
}
