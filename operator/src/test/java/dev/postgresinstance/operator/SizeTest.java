package dev.postgresinstance.operator;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.LineMap;
import com.sun.source.tree.MethodTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreeScanner;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;

/** The operator stays small enough to be read. Blank lines and comments are not counted. */
class SizeTest {

  private static final long FILE = 260;
  private static final long METHOD = 40;

  @Test
  void filesAreSmall() throws IOException {
    // When
    List<String> large =
        SourceFile.all().stream()
            .filter(file -> file.lines() > FILE)
            .map(file -> "%s: %d lines".formatted(file, file.lines()))
            .toList();

    // Then
    assertThat(large).isEmpty();
  }

  @Test
  void methodsAreSmall() throws IOException {
    // When
    List<Method> methods = methods();

    // Then
    assertThat(methods).hasSizeGreaterThan(100);
    assertThat(methods).filteredOn(method -> method.lines() > METHOD).isEmpty();
  }

  @Test
  void commentsAndBlankLinesAreNotCounted() {
    // Given
    String java =
        """
        /** Two
         lines. */
        class A { // here

          String text = "/* no */ // comment \\" either"; /* one
          */ char quote = '"'; // "
        }
        """;

    // When
    SourceFile file = new SourceFile(null, SourceFile.withoutComments(java));

    // Then
    assertThat(file.lines()).isEqualTo(4);
  }

  private record Method(SourceFile file, String name, long lines) {}

  private static List<Method> methods() throws IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    List<Method> methods = new ArrayList<>();
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
      for (SourceFile source : SourceFile.all()) {
        JavacTask task =
            (JavacTask)
                compiler.getTask(
                    null,
                    files,
                    null,
                    List.of("-proc:none"),
                    null,
                    files.getJavaFileObjects(source.path()));
        for (CompilationUnitTree unit : task.parse()) {
          unit.accept(collector(source, unit, Trees.instance(task)), methods);
        }
      }
    }
    return methods;
  }

  private static TreeScanner<Void, List<Method>> collector(
      SourceFile source, CompilationUnitTree unit, Trees trees) {
    LineMap lines = unit.getLineMap();
    SourcePositions positions = trees.getSourcePositions();
    return new TreeScanner<>() {
      @Override
      public Void visitMethod(MethodTree method, List<Method> methods) {
        long first = lines.getLineNumber(positions.getStartPosition(unit, method));
        long last = lines.getLineNumber(positions.getEndPosition(unit, method));
        methods.add(new Method(source, method.getName().toString(), source.lines(first, last)));
        return super.visitMethod(method, methods);
      }
    };
  }
}
