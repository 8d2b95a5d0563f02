using System.Text.Json;
using ComputeExchange.Hosting.Access;
using ComputeExchange.Web.Rest;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using Shouldly;
using Xunit;

namespace ComputeExchange.Web.Tests;

public class InterfaceTests
{
    [Fact]
    public async Task The_interface_that_the_page_is_made_from_is_the_one_that_is_served()
    {
        await using var front = await Front.Open();
        using var served = JsonDocument.Parse(await front.Http.GetStringAsync("/openapi/v1.json", TestContext.Current.CancellationToken));
        using var kept = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "openapi.json"), TestContext.Current.CancellationToken));
        JsonElement.DeepEquals(Plain(served), Plain(kept)).ShouldBeTrue(
            "The REST interface has changed: dotnet run --project services/Web -- --openapi services/Web/Page/openapi.json");
    }

    [Fact]
    public void Every_method_for_people_is_found_over_REST()
    {
        var found = RestRoute.All.Select(route => route.Method.FullName).ToHashSet();
        var forPeople = AccessRules.Files.SelectMany(file => file.Services).SelectMany(service => service.Methods)
            .Where(method => AccessRules.All[$"/{method.Service.FullName}/{method.Name}"]!.Allow.Any(role => role is not (Access.V1.Role.Service or Access.V1.Role.Auditor)));

        // How far a service is: on one page for all of them, GET /v1/services. A rail's events have a route of their own, signed as
        // they are. The whole ledger, what streams both ways, and what agents of nodes ask at their own door: over gRPC only.
        forPeople.Where(method => !method.IsClientStreaming).Select(method => method.FullName).Where(name => !found.Contains(name))
            .ShouldBe(
            [
                "computeexchange.facts.v1.FactsService.GetProgress", "computeexchange.providerregistry.v1.AgentService.Enrol",
                "computeexchange.settlement.v1.PaymentsService.DeliverRailEvents", "computeexchange.settlement.v1.DocumentsService.ExportLedger",
            ]);
    }

    [Fact]
    public void Every_route_and_every_field_says_what_it_is()
    {
        foreach (var route in RestRoute.All)
        {
            ProtoComments.Of(route.Method.FullName).ShouldNotBeEmpty(route.Path);
            foreach (var field in route.Method.InputType.Fields.InFieldNumberOrder().Concat(route.Method.OutputType.Fields.InFieldNumberOrder()))
                ProtoComments.Of(field.FullName).ShouldNotBeEmpty(field.FullName);
        }
    }

    [Fact]
    public void Every_path_names_fields_of_its_request()
    {
        foreach (var route in RestRoute.All)
            foreach (var name in route.PathFields) route.Method.InputType.FindFieldByName(name).ShouldNotBeNull($"{route.Path}: {name}");
        RestRoute.All.Select(route => $"{route.Verb} {route.Path}").ShouldBeUnique();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Every_request_written_as_JSON_is_read_as_it_was(int seed)
    {
        var dice = new Random(seed);
        foreach (var type in RestRoute.All.Select(route => route.Method.InputType).Distinct())
        {
            var message = Filled(type, dice);
            using var text = new MemoryStream();
            using (var json = new Utf8JsonWriter(text)) ProtoJson.Write(json, message);
            using var document = JsonDocument.Parse(text.ToArray());
            var wrong = new List<FieldError>();
            ProtoJson.Read(document.RootElement, type, "", wrong).ShouldBe(message);
            wrong.ShouldBeEmpty();
        }
    }

    private static IMessage Filled(MessageDescriptor type, Random dice)
    {
        var message = type.Parser.ParseFrom(ByteString.Empty);
        foreach (var field in type.Fields.InFieldNumberOrder())
        {
            if (field.IsMap)
            {
                var map = (System.Collections.IDictionary)field.Accessor.GetValue(message);
                for (var i = dice.Next(3); i > 0; i--) map[$"name {i}"] = Value(ProtoJson.ValueOf(field), dice);
            }
            else if (field.IsRepeated)
            {
                var list = (System.Collections.IList)field.Accessor.GetValue(message);
                for (var i = dice.Next(3); i > 0; i--) list.Add(Value(field, dice));
            }
            else if (dice.Next(4) > 0)
            {
                field.Accessor.SetValue(message, Value(field, dice));
            }
        }
        return message;
    }

    private static object Value(FieldDescriptor field, Random dice) => field.FieldType switch
    {
        FieldType.Int32 => dice.Next(int.MinValue, int.MaxValue),
        FieldType.Int64 => dice.NextInt64(-(1L << 53), 1L << 53),
        FieldType.Bool => dice.Next(2) == 0,
        FieldType.String => new string([.. Enumerable.Range(0, dice.Next(8)).Select(_ => (char)dice.Next(32, 0x2FF))]),
        FieldType.Enum => System.Enum.ToObject(field.EnumType.ClrType, field.EnumType.Values[dice.Next(field.EnumType.Values.Count)].Number),
        FieldType.Message when field.MessageType == Timestamp.Descriptor => new Timestamp { Seconds = dice.Next(0, int.MaxValue), Nanos = dice.Next(0, 10_000_000) * 100 },
        FieldType.Message => Filled(field.MessageType, dice),
        _ => throw new NotSupportedException($"{field.FullName}: the contracts had no {field.FieldType} before."),
    };

    // Where it is served from is nobody's business.
    private static JsonElement Plain(JsonDocument document) => document.RootElement;
}
