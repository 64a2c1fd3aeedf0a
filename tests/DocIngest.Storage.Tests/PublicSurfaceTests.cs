using System.Reflection;

namespace DocIngest.Storage.Tests;

public sealed class PublicSurfaceTests
{
    [Fact]
    public void No_type_of_Azure_is_seen_from_outside()
    {
        var seen = typeof(IBlobStore).Assembly.GetExportedTypes().SelectMany(type => type.GetMembers().SelectMany(TypesOf).Prepend(type.BaseType)).OfType<Type>().ToList();
        Assert.Contains(typeof(AzureAccount), seen);
        Assert.DoesNotContain(seen, type => type.FullName?.Contains("Azure.", StringComparison.Ordinal) == true);
    }

    private static IEnumerable<Type> TypesOf(MemberInfo member) => member switch
    {
        MethodBase method => method.GetParameters().Select(parameter => parameter.ParameterType).Concat(method is MethodInfo function ? [function.ReturnType] : []),
        PropertyInfo property => [property.PropertyType],
        FieldInfo field => [field.FieldType],
        EventInfo { EventHandlerType: { } handler } => [handler],
        _ => [],
    };
}
