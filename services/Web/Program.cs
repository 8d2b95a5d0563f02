using System.Globalization;
using ComputeExchange.Client;
using ComputeExchange.Hosting;
using ComputeExchange.Web;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

if (args is ["--openapi", var file])
{
    // Describes itself, and needs no exchange for it: what the page's types are made from.
    var nowhere = new Uri("http://127.0.0.1:0");
    await using var described = WebModule.Build(new ServiceOptions { Database = "", Listen = nowhere, Addresses = new ExchangeAddresses(nowhere), ServiceKey = new byte[32] });
    await described.StartAsync();
    var document = await described.Services.GetRequiredKeyedService<IOpenApiDocumentProvider>("v1").GetOpenApiDocumentAsync();
    await using var text = new StringWriter(CultureInfo.InvariantCulture);
    document.SerializeAsV31(new OpenApiJsonWriter(text));
    await File.WriteAllTextAsync(file, text.ToString().ReplaceLineEndings("\n") + "\n");
    return 0;
}
return await ServiceProcess.Run(args, WebModule.Build, keepsData: false);
