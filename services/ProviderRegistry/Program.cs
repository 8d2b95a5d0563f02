using ComputeExchange.Hosting;
using ComputeExchange.ProviderRegistry;

try
{
    await ProviderRegistryModule.Build(ServiceOptions.From(args)).RunAsync();
    return 0;
}
catch (ArgumentException wrong)
{
    await Console.Error.WriteLineAsync(wrong.Message);
    return 2;
}
