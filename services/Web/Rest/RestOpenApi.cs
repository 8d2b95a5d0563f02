using System.Text.Json.Nodes;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace ComputeExchange.Web.Rest;

/// <summary>Describes the REST routes in the exchange's OpenAPI document, from the protos and what they say.</summary>
public sealed class RestOpenApi : IOpenApiDocumentTransformer
{
    private const string About =
        "The public interface of Compute Exchange over HTTP: one route a method of the gRPC contracts, with the same rules, roles and refusals. " +
        "Money and prices are whole micro-dollars (1 USD = 1,000,000), times are UTC. Send an API key as 'Authorization: Bearer gpx_…'; market data " +
        "needs none. Whatever changes something takes a request_id (or the header Idempotency-Key): repeated with the same one it acts once.";

    private static readonly HashSet<string> NoFields = [];

    /// <inheritdoc />
    public Task TransformAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        document.Info = new OpenApiInfo { Title = "Compute Exchange", Version = "v1", Description = About };
        document.Servers = [];
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
        document.Components.SecuritySchemes["key"] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", BearerFormat = "gpx_…", Description = "An API key." };
        var schemas = new Schemas(document);
        foreach (var route in RestRoute.All)
        {
            if (!document.Paths.TryGetValue(route.Path, out var path)) document.Paths[route.Path] = path = new OpenApiPathItem();
            ((OpenApiPathItem)path).AddOperation(new HttpMethod(route.Verb), Operation(route, schemas, document));
        }
        return Task.CompletedTask;
    }

    private static OpenApiOperation Operation(RestRoute route, Schemas schemas, OpenApiDocument document)
    {
        var (summary, description) = SplitFirst(ProtoComments.Of(route.Method.FullName));
        var tag = route.Method.Service.Name.Replace("Service", "", StringComparison.Ordinal);
        document.Tags ??= new HashSet<OpenApiTag>();
        if (document.Tags.All(known => known.Name != tag))
            document.Tags.Add(new OpenApiTag { Name = tag, Description = ProtoComments.Of(route.Method.Service.FullName) });

        var input = route.Method.InputType;
        var inPath = route.PathFields.ToHashSet();
        var parameters = input.Fields.InFieldNumberOrder().Where(field => inPath.Contains(field.Name) || !route.HasBody).Select(field => (IOpenApiParameter)Parameter(field, inPath, schemas)).ToList();
        var operation = new OpenApiOperation
        {
            OperationId = route.Method.Name,
            Summary = summary,
            Description = description,
            Tags = new HashSet<OpenApiTagReference> { new(tag, document) },
            Parameters = parameters.Count > 0 ? parameters : null,
            Security = route.IsPublic ? [new OpenApiSecurityRequirement(), Key(document)] : [Key(document)],
            Responses = new OpenApiResponses
            {
                ["200"] = new OpenApiResponse
                {
                    Description = route.Method.IsServerStreaming ? "Server-sent events; the data of each is one of these." : "Done.",
                    Content = new Dictionary<string, OpenApiMediaType>
                    {
                        [route.Method.IsServerStreaming ? "text/event-stream" : "application/json"] = new() { Schema = schemas.Of(route.Method.OutputType, NoFields) },
                    },
                },
                ["default"] = new OpenApiResponse
                {
                    Description = "Refused, with the reason and the fields (RFC 9457).",
                    Content = new Dictionary<string, OpenApiMediaType> { [Problem.MediaType] = new() { Schema = new OpenApiSchemaReference("Problem", document) } },
                },
            },
        };
        if (route.HasBody)
        {
            operation.RequestBody = new OpenApiRequestBody
            {
                Required = true,
                Content = new Dictionary<string, OpenApiMediaType> { ["application/json"] = new() { Schema = schemas.Of(input, inPath) } },
            };
        }
        return operation;
    }

    private static OpenApiParameter Parameter(FieldDescriptor field, HashSet<string> inPath, Schemas schemas)
    {
        var comment = ProtoComments.Of(field.FullName);
        return new OpenApiParameter
        {
            Name = field.Name,
            In = inPath.Contains(field.Name) ? ParameterLocation.Path : ParameterLocation.Query,
            Required = inPath.Contains(field.Name) || Schemas.IsRequired(comment),
            Description = comment,
            Schema = schemas.Of(field, withComment: false),
        };
    }

    private static OpenApiSecurityRequirement Key(OpenApiDocument document) => new() { [new OpenApiSecuritySchemeReference("key", document)] = [] };

    private static (string First, string Others) SplitFirst(string comment)
    {
        var end = comment.IndexOf(". ", StringComparison.Ordinal);
        return end < 0 ? (comment, "") : (comment[..(end + 1)], comment[(end + 2)..]);
    }

    /// <summary>The messages as schemas, each written down once.</summary>
    private sealed class Schemas(OpenApiDocument document)
    {
        private readonly HashSet<string> _known = [];

        public static bool IsRequired(string comment) => comment.StartsWith("Required.", StringComparison.Ordinal);

        /// <summary>In an answer: all but what the protos say may be unset.</summary>
        private static bool IsAlwaysWritten(FieldDescriptor field) =>
            field.IsRepeated
            || (field.RealContainingOneof is null && !ProtoJson.HoldsJson(field)
                && (!field.HasPresence || !ProtoComments.Of(field.FullName).Contains("unset", StringComparison.OrdinalIgnoreCase)));

        /// <summary>A reference to a message's schema.</summary>
        /// <param name="type">The message.</param>
        /// <param name="except">Fields that come another way.</param>
        public IOpenApiSchema Of(MessageDescriptor type, IReadOnlySet<string> except)
        {
            if (_known.Add(type.Name)) document.AddComponent(type.Name, Describe(type, except));
            return new OpenApiSchemaReference(type.Name, document);
        }

        /// <summary>A field's schema.</summary>
        public IOpenApiSchema Of(FieldDescriptor field, bool withComment = true)
        {
            var comment = withComment ? ProtoComments.Of(field.FullName) : null;
            if (field.IsMap) return new OpenApiSchema { Type = JsonSchemaType.Object, AdditionalProperties = One(ProtoJson.ValueOf(field)), Description = comment };
            var one = One(field);
            if (!field.IsRepeated)
            {
                if (one is OpenApiSchema plain) plain.Description = comment;
                else if (one is OpenApiSchemaReference reference) reference.Description = comment;
                return one;
            }
            return new OpenApiSchema { Type = JsonSchemaType.Array, Items = one, Description = comment };
        }

        private IOpenApiSchema One(FieldDescriptor field)
        {
            if (ProtoJson.HoldsJson(field)) return new OpenApiSchema();
            return field.FieldType switch
            {
                FieldType.Int32 or FieldType.UInt32 => new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "int32" },
                FieldType.Int64 or FieldType.UInt64 => new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "int64" },
                FieldType.Bool => new OpenApiSchema { Type = JsonSchemaType.Boolean },
                FieldType.Bytes => new OpenApiSchema { Type = JsonSchemaType.String, Format = "byte" },
                FieldType.Enum => Of(field.EnumType),
                FieldType.Message when field.MessageType == Timestamp.Descriptor => new OpenApiSchema { Type = JsonSchemaType.String, Format = "date-time" },
                FieldType.Message => Of(field.MessageType, NoFields),
                _ => new OpenApiSchema { Type = JsonSchemaType.String },
            };
        }

        private OpenApiSchemaReference Of(EnumDescriptor type)
        {
            if (_known.Add(type.Name))
            {
                document.AddComponent(type.Name, new OpenApiSchema
                {
                    Type = JsonSchemaType.String,
                    Description = ProtoComments.Of(type.FullName),
                    Enum = [.. type.Values.Select(value => (JsonNode)ProtoJson.NameOf(value))],
                });
            }
            return new OpenApiSchemaReference(type.Name, document);
        }

        private OpenApiSchema Describe(MessageDescriptor type, IReadOnlySet<string> except)
        {
            var fields = type.Fields.InFieldNumberOrder().Where(field => !except.Contains(field.Name)).ToList();
            var isRequest = type.Name.EndsWith("Request", StringComparison.Ordinal);

            var required = fields.Where(field => isRequest
                ? IsRequired(ProtoComments.Of(field.FullName)) && field.Name != "request_id"
                : IsAlwaysWritten(field));
            return new OpenApiSchema
            {
                Type = JsonSchemaType.Object,
                Description = ProtoComments.Of(type.FullName),
                Required = required.Select(ProtoJson.NameOf).ToHashSet(),
                Properties = fields.ToDictionary(ProtoJson.NameOf, field => Of(field)),
            };
        }
    }
}
