using ComputeExchange.Client;
using ComputeExchange.Hosting.Access;
using Google.Api;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Grpc.Core;

namespace ComputeExchange.Web.Rest;

/// <summary>One method of the contracts as it is found over HTTP: by its <c>google.api.http</c> rule.</summary>
/// <param name="Method">The method.</param>
/// <param name="Service">The service that answers it.</param>
/// <param name="Verb">GET, POST, PUT or DELETE.</param>
/// <param name="Path">The path with its parameters in braces, by field name.</param>
/// <param name="HasBody">Whether the request comes as a JSON body; else as query parameters.</param>
public sealed record RestRoute(MethodDescriptor Method, string Service, string Verb, string Path, bool HasBody)
{
    private static readonly Marshaller<IMessage> Requests = Marshallers.Create<IMessage>(
        message => message.ToByteArray(), _ => throw new NotSupportedException("Requests are only sent."));

    /// <summary>Every method that bears a rule.</summary>
    public static IReadOnlyList<RestRoute> All { get; } =
    [
        .. from file in AccessRules.Files
           from service in file.Services
           from method in service.Methods
           let rule = method.GetOptions()?.GetExtension(AnnotationsExtensions.Http)
           where rule is not null
           select Of(method, ServiceNames.OfPackage(file.Package), rule),
    ];

    /// <summary>Whether a visitor without a key may call it, through this console.</summary>
    public bool IsPublic => AccessRules.Judge(FullName, Visitor) == Verdict.Allowed;

    /// <summary>The names of the path's parameters.</summary>
    public IEnumerable<string> PathFields =>
        Path.Split('/').Where(part => part.StartsWith('{')).Select(part => part.Trim('{', '}'));

    /// <summary>The method as gRPC calls it.</summary>
    public Method<IMessage, IMessage> Call => _call ??= new Method<IMessage, IMessage>(
        Method.IsServerStreaming ? MethodType.ServerStreaming : MethodType.Unary, Method.Service.FullName, Method.Name, Requests,
        Marshallers.Create<IMessage>(_ => throw new NotSupportedException("Answers are only received."), bytes => Method.OutputType.Parser.ParseFrom(bytes)));

    private Method<IMessage, IMessage>? _call;

    private string FullName => $"/{Method.Service.FullName}/{Method.Name}";

    private static Caller Visitor { get; } = new(null, new HashSet<ComputeExchange.Access.V1.Role> { ComputeExchange.Access.V1.Role.Service }, ServiceNames.Web, ServiceNames.Web);

    private static RestRoute Of(MethodDescriptor method, string service, HttpRule rule)
    {
        var (verb, path) = rule.PatternCase switch
        {
            HttpRule.PatternOneofCase.Get => ("GET", rule.Get),
            HttpRule.PatternOneofCase.Post => ("POST", rule.Post),
            HttpRule.PatternOneofCase.Put => ("PUT", rule.Put),
            HttpRule.PatternOneofCase.Delete => ("DELETE", rule.Delete),
            _ => throw new NotSupportedException($"{method.FullName}: REST knows no {rule.PatternCase}."),
        };
        return new RestRoute(method, service, verb, path, rule.Body == "*");
    }
}
