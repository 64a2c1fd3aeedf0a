using System.Reflection;

namespace DocIngest.Worker.Hosting;

/// <summary>How this program was started, so that it can start itself again as a worker.</summary>
internal static class ThisProgram
{
    /// <summary>The file to run: <c>docingest</c>, or <c>dotnet</c> where the program is a library run by it.</summary>
    public static string Executable { get; } =
        Environment.ProcessPath ?? throw new InvalidOperationException("The system does not tell the path of this program.");

    /// <summary>Arguments before the command.</summary>
    public static IReadOnlyList<string> LeadingArguments { get; } =
        Path.GetFileNameWithoutExtension(Executable) == "dotnet" ? [typeof(ThisProgram).Assembly.Location] : [];

    /// <summary>The product version.</summary>
    public static string Version { get; } =
        typeof(ThisProgram).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";
}
