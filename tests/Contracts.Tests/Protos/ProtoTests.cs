using ComputeExchange.Hosting.Access;
using Google.Protobuf.Reflection;
using Shouldly;
using Xunit;

namespace ComputeExchange.Contracts.Tests.Protos;

public class ProtoTests
{
    private static readonly string Folder = RepositoryFiles.In("contracts", "Protos");

    public static TheoryData<string> Paths =>
        [.. Directory.GetFiles(Folder, "*.proto", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(Folder, path)).Order()];

    [Theory]
    [MemberData(nameof(Paths))]
    public void Everything_a_proto_defines_is_documented(string path) =>
        Read(path).Where(thing => !thing.Documented && thing.Kind != "oneof").Select(thing => $"{path}:{thing.Line} {thing.Kind} {thing.Name}").ShouldBeEmpty();

    [Theory]
    [MemberData(nameof(Paths))]
    public void A_proto_stands_in_the_folder_of_its_package(string path)
    {
        var package = Path.GetDirectoryName(path)!.Replace(Path.DirectorySeparatorChar, '.');
        File.ReadAllText(Path.Combine(Folder, path)).ShouldContain($"\npackage {package};\n");
        package.ShouldMatch(@"^computeexchange\.[a-z]+\.v\d+$");
    }

    /// <summary>Without this the test of comments could pass by overlooking something.</summary>
    [Fact]
    public void Nothing_that_is_compiled_is_overlooked_by_the_reader_of_comments()
    {
        var read = Paths.SelectMany(path => Read(path.Data)).Select(thing => thing.Name).Order(StringComparer.Ordinal).ToList();
        var compiled = Files().SelectMany(Names).Order(StringComparer.Ordinal).ToList();

        read.Except(compiled).ShouldBeEmpty();
        compiled.Except(read).ShouldBeEmpty();
        read.ShouldBe(read.Distinct());
    }

    [Theory]
    [InlineData("message A {\n}", "p.A")]
    [InlineData("// A.\n\nmessage A {\n}", "p.A")]
    [InlineData("int x = 1; // Not of what follows.\n// A.\nmessage A {\n  int32 b = 1;  // Behind it.\n}", "p.x,p.A.b")]
    [InlineData("// E.\nenum E {\n  E_UNSPECIFIED = 0;\n  // One.\n  E_ONE = 1;\n}", "p.E.E_UNSPECIFIED")]
    [InlineData("// S.\nservice S {\n  rpc Do(A) returns (stream B) {\n    option (x) = { allow: Y };\n  }\n  // Go.\n  rpc Go(A) returns (B);\n}", "p.S.Do")]
    [InlineData("// M.\nmessage M {\n  // Which.\n  oneof which {\n    int32 a = 1;\n    // B.\n    map<string, int32> b = 2;\n  }\n}", "p.M.a")]
    public void What_is_not_documented_is_found(string text, string offenders) =>
        string.Join(',', ProtoFile.Read("package p;\n" + text).Where(thing => !thing.Documented).Select(thing => thing.Name)).ShouldBe(offenders);

    [Fact]
    public void Every_method_has_a_request_and_a_response_of_its_own_or_of_the_one_it_streams() =>
        Methods().Where(method =>
        {
            var name = method.Name.EndsWith("Stream", StringComparison.Ordinal) ? method.Name[..^"Stream".Length] : method.Name;
            return method.InputType.FullName != $"{method.File.Package}.{name}Request" || method.OutputType.FullName != $"{method.File.Package}.{name}Response";
        }).Select(method => method.FullName).ShouldBeEmpty();

    [Fact]
    public void Enum_values_bear_the_name_of_their_enum_and_start_unspecified()
    {
        foreach (var type in Files().SelectMany(Enums))
        {
            var prefix = string.Concat(type.Name.Select((c, i) => i > 0 && char.IsUpper(c) ? $"_{c}" : $"{char.ToUpperInvariant(c)}")) + "_";
            type.Values.Where(value => !value.Name.StartsWith(prefix, StringComparison.Ordinal)).Select(value => value.FullName).ShouldBeEmpty();
            type.FindValueByNumber(0).Name.ShouldBe($"{prefix}UNSPECIFIED");
        }
    }

    [Fact]
    public void No_field_is_unsigned_or_floating_and_times_are_called_so()
    {
        var fields = Files().SelectMany(Messages).SelectMany(message => message.Fields.InDeclarationOrder()).ToList();

        fields.Where(field => field.FieldType is FieldType.Double or FieldType.Float or FieldType.UInt32 or FieldType.UInt64 or FieldType.Fixed32 or FieldType.Fixed64)
            .Select(field => field.FullName).ShouldBeEmpty();
        fields.Where(field => field is { FieldType: FieldType.Message, IsMap: false } && field.MessageType.Name == "Timestamp" && !field.IsRepeated)
            .Where(field => !field.Name.EndsWith("_time", StringComparison.Ordinal)).Select(field => field.FullName).ShouldBeEmpty();
    }

    private static IReadOnlyList<ProtoThing> Read(string path) => ProtoFile.Read(File.ReadAllText(Path.Combine(Folder, path)));

    /// <summary>The compiled files of the exchange: those with doors, and all that these import of ours.</summary>
    internal static IReadOnlyCollection<FileDescriptor> Files()
    {
        var files = new Dictionary<string, FileDescriptor>();
        void Visit(FileDescriptor file)
        {
            if (!file.Package.StartsWith("computeexchange.", StringComparison.Ordinal) || !files.TryAdd(file.Name, file)) return;
            foreach (var import in file.Dependencies) Visit(import);
        }
        foreach (var file in AccessRules.Files) Visit(file);
        return files.Values;
    }

    internal static IEnumerable<MethodDescriptor> Methods() => Files().SelectMany(file => file.Services).SelectMany(service => service.Methods);

    private static IEnumerable<string> Names(FileDescriptor file) =>
    [
        .. Messages(file).SelectMany(message => (IEnumerable<string>)
            [message.FullName, .. message.Fields.InDeclarationOrder().Select(field => field.FullName), .. message.RealOneofs().Select(oneof => oneof.FullName)]),
        .. Enums(file).SelectMany(type => (IEnumerable<string>)[type.FullName, .. type.Values.Select(value => $"{type.FullName}.{value.Name}")]),
        .. file.Services.SelectMany(service => (IEnumerable<string>)[service.FullName, .. service.Methods.Select(method => method.FullName)]),
        .. file.Extensions.UnorderedExtensions.Select(extension => extension.FullName),
    ];

    private static IEnumerable<MessageDescriptor> Messages(FileDescriptor file) => file.MessageTypes.SelectMany(Inner);

    private static IEnumerable<MessageDescriptor> Inner(MessageDescriptor message) =>
        message.IsMapEntry ? [] : [message, .. message.NestedTypes.SelectMany(Inner)];

    private static IEnumerable<EnumDescriptor> Enums(FileDescriptor file) =>
        [.. file.EnumTypes, .. Messages(file).SelectMany(message => message.EnumTypes)];
}

internal static class Oneofs
{
    public static IEnumerable<OneofDescriptor> RealOneofs(this MessageDescriptor message) => message.Oneofs.Where(oneof => !oneof.IsSynthetic);
}
