using DocIngest.Worker.Configuration;
using Microsoft.Extensions.Logging;
using Serilog;
using Serilog.Debugging;
using Serilog.Events;
using Serilog.Extensions.Logging;
using Serilog.Formatting.Compact;

namespace DocIngest.Worker.Hosting;

/// <summary>Log files in <c>logs/</c> as compact JSON; for the service also readable lines on standard error.</summary>
internal sealed class ServiceLog : IDisposable
{
    private const string ConsoleTemplate = "{Timestamp:HH:mm:ss} {Level:u3} {Message:lj}{NewLine}{Exception}";

    private readonly Serilog.Core.Logger _serilog;
    private readonly SerilogLoggerFactory _factory;

    public ServiceLog(string dataPath, LoggingOptions options, LogLevel? consoleLevel)
    {
        SelfLog.Enable(Console.Error);   // logging that fails must not stop ingest, and must be noticed
        var configuration = new LoggerConfiguration()
            .MinimumLevel.Is(Enum.Parse<LogEventLevel>(options.Level.ToString()))
            .WriteTo.File(
                new CompactJsonFormatter(),
                Path.Combine(dataPath, "logs", "docingest-.jsonl"),
                rollingInterval: RollingInterval.Day,
                rollOnFileSizeLimit: true,
                fileSizeLimitBytes: options.MaxFileSizeBytes,
                retainedFileCountLimit: options.RetainedFiles,
                shared: true);
        if (consoleLevel is { } least)
        {
            configuration.WriteTo.Console(
                LevelConvert.ToSerilogLevel(least), outputTemplate: ConsoleTemplate, standardErrorFromLevel: LogEventLevel.Verbose);
        }

        _serilog = configuration.CreateLogger();
        _factory = new SerilogLoggerFactory(_serilog);
    }

    public ILoggerFactory Factory => _factory;

    public void Dispose()
    {
        _factory.Dispose();
        _serilog.Dispose();
    }
}
