using ComputeExchange.Hosting;
using ComputeExchange.Participants;

try
{
    await ParticipantsModule.Build(ServiceOptions.From(args)).RunAsync();
    return 0;
}
catch (ArgumentException wrong)
{
    await Console.Error.WriteLineAsync(wrong.Message);
    return 2;
}
