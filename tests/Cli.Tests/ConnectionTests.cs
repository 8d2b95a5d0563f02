using ComputeExchange.Cli.Words;
using ComputeExchange.Client;
using Shouldly;
using Xunit;

namespace ComputeExchange.Cli.Tests;

/// <summary>Where the services are, by the files of a data folder and by what is typed.</summary>
public sealed class ConnectionTests : IDisposable
{
    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cx-tests-");

    [Fact]
    public void One_address_is_that_of_every_service()
    {
        Write("address", "http://127.0.0.1:6000");
        Of().Addresses.Of(ServiceNames.Settlement).ShouldBe(new Uri("http://127.0.0.1:6000"));
    }

    [Fact]
    public void A_service_with_an_address_of_its_own_is_asked_there_and_the_others_where_they_were()
    {
        Write("address", "http://127.0.0.1:6000");
        Write("addresses", "order_book=http://127.0.0.1:6001", "", " settlement = http://127.0.0.1:6002 ");
        var addresses = Of().Addresses;
        addresses.Of(ServiceNames.OrderBook).ShouldBe(new Uri("http://127.0.0.1:6001"));
        addresses.Of(ServiceNames.Settlement).ShouldBe(new Uri("http://127.0.0.1:6002"));
        addresses.Of(ServiceNames.Pricing).ShouldBe(new Uri("http://127.0.0.1:6000"));
    }

    [Fact]
    public void An_address_that_is_typed_goes_before_both_files()
    {
        Write("address", "http://127.0.0.1:6000");
        Write("addresses", "order_book=http://127.0.0.1:6001");
        Of("--address", "http://127.0.0.1:7000").Addresses.Of(ServiceNames.OrderBook).ShouldBe(new Uri("http://127.0.0.1:7000"));
    }

    [Theory]
    [InlineData("order_book http://127.0.0.1:6001", "is not service=address")]
    [InlineData("orderbook=http://127.0.0.1:6001", "is no service: they are matching_engine,")]
    [InlineData("order_book=6001", "is not an address")]
    public void A_line_that_does_not_read_is_named(string line, string reason)
    {
        Write("addresses", "settlement=http://127.0.0.1:6002", line);
        var fault = Should.Throw<InputException>(() => Of());
        fault.Message.ShouldContain("addresses, line 2: ");
        fault.Message.ShouldContain(reason);
    }

    [Fact]
    public void The_console_is_where_its_file_says_and_nowhere_without_one()
    {
        Of().ConsoleAddress.ShouldBeNull();
        Write("console", "http://127.0.0.1:5081/");
        Of().ConsoleAddress.ShouldBe("http://127.0.0.1:5081");
    }

    public void Dispose() => _folder.Delete(recursive: true);

    void Write(string file, params string[] lines) => File.WriteAllLines(Path.Combine(_folder.FullName, file), lines);

    Connection Of(params string[] words) => Connection.Of(Program.Contents().Parse(["markets", "--data", _folder.FullName, .. words]));
}
